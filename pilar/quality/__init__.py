"""Quality: Great Expectations judges what arrived and what would be published.

``pilar.quality.gate.judge`` runs the suites of ``expectations/`` on a DuckDB file and says whether the night is
held. Great Expectations is imported when a gate runs, not when this package is.
"""
