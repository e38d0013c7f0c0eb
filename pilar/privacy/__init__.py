"""Personal data: keyed pseudonyms inside the warehouse, and the scan that keeps the rest out of a release."""

from pilar.privacy.keys import HMAC_SQL, KeyRefused, bind, fingerprint, load_key
from pilar.privacy.said import personal_kinds
from pilar.privacy.scan import Violation, scan

__all__ = ["HMAC_SQL", "KeyRefused", "Violation", "bind", "fingerprint", "load_key", "personal_kinds", "scan"]
