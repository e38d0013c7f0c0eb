"""BPS Web API → files in landing: every answer as it came, with its request beside it.

=================  ==============================================================================
``client``         one polite request: its rate, its retries, its bounds, no key in any text
``lists``          paged lists: years of a variable, variables of a domain
``variables``      which variables are asked for, and whether BPS still lists them
``store``          an answer → a file, only if it tells a new figure
``fetching``       all variables, all years, and what went wrong
``coverage``       what the files in landing hold: for who has no key
``years``          years as people write them
=================  ==============================================================================

The night reads the files like any other; nothing here opens the warehouse. Without a key, files that people
put into landing serve as well.
"""

from __future__ import annotations

from pilar.bps_api.client import BASE_URL, FetchError, Patience, RefusedError
from pilar.bps_api.coverage import without_key
from pilar.bps_api.fetching import Fetched, check, fetch, years_per_request
from pilar.bps_api.store import FOLDER
from pilar.bps_api.variables import Variables, configured
from pilar.bps_api.years import usual_years, years_in

__all__ = [
    "BASE_URL",
    "FOLDER",
    "FetchError",
    "Fetched",
    "Patience",
    "RefusedError",
    "Variables",
    "check",
    "configured",
    "fetch",
    "usual_years",
    "without_key",
    "years_in",
    "years_per_request",
]
