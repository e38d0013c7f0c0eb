"""The data dictionary and the rule catalogue as pages, made from what the code itself reads.

``make docs`` (``python -m pilar.dictionary``) writes the committed pages from a release of the samples;
the writers of
:mod:`pilar.dictionary.pages` write the night's from the release itself. Tests hold the committed ones to their
sources.
"""
