"""Known vulnerabilities of the locked packages, by pip-audit: 0 none, 1 some, 2 nothing could be looked up.

pip-audit itself ends well where the service knows none of the packages, as a mirror of PyPI does: then nothing was
audited, and this says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKS = ("requirements.lock", "requirements-desk.lock")
SERVICES = ("pypi", "osv")


def main() -> int:
    audited: dict[str, list[str]] = {}
    for service in SERVICES:
        audited = {}
        for lock in LOCKS:
            audited |= told(answer(service, lock))
        if audited:
            break
    if not audited:
        print(f"NOT AUDITED: no vulnerability service ({', '.join(SERVICES)}) can be reached from here, or none knows")
        print("the packages. Run `make audit` where one of them can be reached.")
        return 2
    worse = {package: found for package, found in audited.items() if found}
    for package, found in worse.items():
        print(f"{package}: {', '.join(found)}")
    print(f"{len(audited)} packages audited by {service}, {len(worse)} with known vulnerabilities")
    return 1 if worse else 0


def answer(service: str, lock: str) -> dict[str, Any]:
    """What pip-audit says of a lock; nothing where it broke off."""
    order = ["pip-audit", "-s", service, "-r", lock, "--disable-pip", "--require-hashes", "-f", "json"]
    order[0] = str(Path(sys.executable).with_name("pip-audit"))
    done = subprocess.run([*order, "--progress-spinner", "off"], check=False, capture_output=True, text=True)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {}
    return found


def told(found: dict[str, Any]) -> dict[str, list[str]]:
    """Package → its vulnerabilities, of those that were looked up."""
    return {
        f"{one['name']} {one['version']}": [each["id"] for each in one["vulns"]]
        for one in found.get("dependencies", [])
        if "skip_reason" not in one
    }


if __name__ == "__main__":
    sys.exit(main())
