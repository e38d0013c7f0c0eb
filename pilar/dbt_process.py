"""dbt in a process of its own, as ``python -m pilar.dbt_process``: it does one order and ends.

The order is a line of JSON on standard input: ``arguments`` for dbt, and what the ``environment`` says for it. With
``--ahead`` and the arguments that say where everything lies, dbt's libraries are loaded and the project is parsed
before the order comes: that takes seconds in which others can work. Ends with dbt's own exit codes; an error that is
none of a model goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys


def main(given: list[str]) -> int:
    """Read the order, do it, and say how it ended: 0 well, 1 a model or test failed, 2 dbt itself."""
    from dbt.cli.main import dbtRunner

    manifest = None
    if given[:1] == ["--ahead"]:
        # What is wrong with the project, the order itself will say.
        manifest = dbtRunner().invoke(["--log-level", "none", "parse", *given[1:]]).result
    line = sys.stdin.readline()
    if not line:
        return 0  # nobody wants it any more
    order = json.loads(line)
    os.environ.update(order["environment"])
    ended = dbtRunner(manifest=manifest).invoke(order["arguments"])  # type: ignore[arg-type]
    if ended.exception:
        sys.stderr.write(f"{ended.exception}\n")
        return 2
    return 0 if ended.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
