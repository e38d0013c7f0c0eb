"""The analysts' desk: one read-only page over the release that is published now. See docs/desk.md.

``view`` asks (pure, a release's path in, rows out), ``charts`` and ``tiles`` draw, ``words`` says it in two languages,
``page`` is the marimo app that puts them together, ``python -m pilar.desk`` serves it. The notebook in docs/notebook/
uses the same parts.
"""
