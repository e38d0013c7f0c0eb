"""The house itself: its layout, what it promises in its pages, and the rules that keep its parts apart."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from pilar.config import PROJECT
from pilar.contracts import contracts
from tests.conftest import LONGEST_FIRST, TOGETHER, Night

BIN = Path(sys.executable).parent
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), PROJECT / "samples" / "README.md"])
CATALOGUE = PROJECT / "dbt_project" / "seeds" / "quality_rules.csv"


@cache
def tracked() -> list[Path]:
    """Files under version control, relative to the checkout; without git (an unpacked archive) there is no answer."""
    if not (PROJECT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (PROJECT / name).is_file()]


# --- layout ---------------------------------------------------------------------------------------------------------

DESIGNED = {
    "README.md", "pyproject.toml", "requirements.lock", "Makefile", "docker-compose.yml", "dags", "pilar",
    "dbt_project", "expectations", "plugins", "samples", "tests", "docs", "bench",
}  # fmt: skip
"""Top level of the design, section 2."""

CUSTOMARY = {
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Dockerfile", "requirements-dev.lock", "requirements-desk.lock",
    ".ci", ".dockerignore", ".env.example", ".gitignore", ".pre-commit-config.yaml", ".sqlfluff",
}  # fmt: skip
"""What a repository of this kind has beside it."""


def test_the_top_level_is_the_designs() -> None:
    found = {path.parts[0] for path in tracked()}
    assert found - DESIGNED - CUSTOMARY == set(), "unexpected at the top level"
    assert DESIGNED - found == set(), "missing at the top level"


def test_each_step_of_the_design_has_its_module() -> None:
    package = PROJECT / "pilar"
    for name in ("contracts", "landing", "raw", "quality", "publish", "report", "privacy"):
        assert (package / name).is_dir() or (package / f"{name}.py").is_file(), name
    assert (package / "py.typed").is_file()


# --- what must not stand in a file ----------------------------------------------------------------------------------

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = ("py" "pi.org", "python" "hosted", "registry.npm" "js", "--index-" "url")  # fmt: skip
FORBIDDEN = {
    "package registry": re.compile("|".join(map(re.escape, REGISTRIES))),
    "machine path": re.compile(r"(?<![\w.}$/-])/(?:work|root|home/[a-z]\w*)/"),
}


def traces(text: str) -> list[str]:
    """Which forbidden things a text holds."""
    return [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]


def test_no_file_names_a_package_registry_or_a_path_of_somebodys_machine() -> None:
    found = {}
    for path in tracked():
        try:
            text = (PROJECT / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if what := traces(text):
            found[str(path)] = what
    assert found == {}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("see https://py" "pi.org/simple", "package registry"),
        ("pip install --index-" "url https://mirror.example", "package registry"),
        ("cd /wor" "k/main", "machine path"),
        ("open('/ho" "me/siti/berkas.csv')", "machine path"),
    ],
)  # fmt: skip
def test_forbidden_traces_are_seen(text: str, what: str) -> None:
    assert traces(text) == [what]


# --- pilar runs without an orchestrator -----------------------------------------------------------------------------


def lint(code: str, name: str) -> str:
    """What ruff's rule on banned imports says of a file of this name."""
    command = [str(BIN / "ruff"), "check", "--select", "TID251", "--no-cache", "--stdin-filename", name, "-"]
    return subprocess.run(command, cwd=PROJECT, input=code, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("code", ["import airflow\n", "from airflow.sdk import dag\n", "import airflow.models as m\n"])
def test_an_import_of_airflow_in_pilar_is_refused(code: str) -> None:
    assert "TID251" in lint(code, "pilar/somewhere/deep.py")


def test_a_dag_may_import_airflow() -> None:
    assert "TID251" not in lint("from airflow.sdk import dag\n", "dags/nightly.py")


def test_pilar_imports_no_airflow() -> None:
    command = [str(BIN / "ruff"), "check", "--select", "TID251", "--no-cache", "pilar"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --- the command line answers at once -------------------------------------------------------------------------------

HEAVY = {"airflow", "dbt", "duckdb", "great_expectations", "numpy", "pandas", "pyarrow", "sqlalchemy"}

_HELP = """
import sys
from pilar.cli import main
sys.argv = ["pilar", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("\\n" + " ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded(*arguments: str, script: str = _HELP) -> set[str]:
    """Packages that a fresh interpreter has imported after the command has answered."""
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["sql", "--help"], ["samples", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(*arguments) & HEAVY == set()


def test_a_heavy_import_would_be_seen() -> None:
    assert "duckdb" in loaded("--help", script="import duckdb" + _HELP)


def test_help_lists_every_step() -> None:
    told = subprocess.run([str(BIN / "pilar"), "--help"], capture_output=True, text=True, check=True).stdout
    for command in ("run", "status", "land", "load", "build", "check", "publish", "report", "sql"):
        assert re.search(rf"^  {command} +[A-Z]", told, re.MULTILINE), command


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    )
    local = [target for target in targets if "://" not in target and not target.startswith("#")]
    assert [target for target in local if not (page.parent / target.partition("#")[0]).exists()] == []


def test_pages_name_only_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = subprocess.run([str(BIN / "pilar"), "--help"], capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^  ([a-z]+) +[A-Z]", told, re.MULTILINE))
    for page in PAGES:
        text = page.read_text("utf-8")
        code = [*re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text), *text.splitlines()]
        called = [re.match(r"(?:\.venv/bin/)?(make|pilar) ([a-z][a-z-]*)(?![.\w])", line) for line in code]
        used = {(match[1], match[2]) for match in called if match}
        assert {name for program, name in used if program == "make"} <= targets, page
        assert {name for program, name in used if program == "pilar"} <= commands, page


def test_readme_answers_are_those_of_the_sample_night(sample_night: Night) -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    asked = re.findall(r"```sql\n(.+?)\n```\n\n```text\n(.+?)\n```", readme, re.DOTALL)
    assert len(asked) == 3
    for query, printed in asked:
        command = [str(BIN / "pilar"), "sql", query, "--home", str(sample_night.home.root)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert answer.rstrip() == printed, query


def test_readme_says_what_matters_first() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    for promised in (
        "make nightly",
        "make test",
        "docs/img/flow.svg",
        "docs/img/airflow-report-desktop.png",
        "pii.key",
        "PILAR_PII_KEY",
    ):
        assert promised in readme, promised


def test_decision_records_are_numbered_without_holes_and_say_why() -> None:
    records = sorted((PROJECT / "docs" / "adr").glob("*.md"))
    assert [record.name[:4] for record in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for number, record in enumerate(records, start=1):
        text = record.read_text("utf-8")
        assert text.startswith(f"# {number}. "), record.name
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, f"{record.name} lacks {part}"


def test_the_changelog_knows_this_version() -> None:
    from pilar import __version__

    assert f"## [{__version__}]" in (PROJECT / "CHANGELOG.md").read_text("utf-8")


# --- the rule catalogue ---------------------------------------------------------------------------------------------

_CODE = re.compile(r"""['"]([A-Z]+(?:_[A-Z0-9]+)+)['"]""")


def rules() -> list[dict[str, str]]:
    with CATALOGUE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def codes_in_use(families: set[str]) -> set[str]:
    """Codes that SQL and Python name, of the families (first words) that the catalogue has."""
    found: set[str] = set()
    for folder, pattern in (("pilar", "*.py"), ("dbt_project/models", "*.sql"), ("dbt_project/macros", "*.sql")):
        for path in (PROJECT / folder).rglob(pattern):
            if "samples" not in path.parts:
                found |= set(_CODE.findall(path.read_text("utf-8")))
    return {code for code in found if code.partition("_")[0] in families}


def test_every_rule_is_told_whole_in_both_languages() -> None:
    for rule in rules():
        assert None not in rule, f"{rule['rule_code']} has too many fields"
        assert [name for name, text in rule.items() if not (text or "").strip()] == [], rule["rule_code"]
        assert rule["severity"] in {"critical", "error", "warning", "info"}, rule["rule_code"]
        assert rule["feed"] == "*" or rule["feed"] in contracts(), rule["rule_code"]
        assert rule["message_id"] != rule["message_en"], rule["rule_code"]


def test_a_rule_stands_once() -> None:
    codes = [rule["rule_code"] for rule in rules()]
    assert len(codes) == len(set(codes))


def test_rules_in_use_and_rules_in_the_catalogue_are_the_same() -> None:
    known = {rule["rule_code"] for rule in rules()}
    families = {code.partition("_")[0] for code in known}
    # Values that look like codes: reconciliation outcomes, programmes, and the word for a missing verdict.
    values = {"NOT_ENTITLED", "NOT_VERIFIABLE", "TALI_ASIH", "BPJS_TK"}
    used = codes_in_use(families) - values
    assert used - known == set(), "used, but in no catalogue"
    assert known - used == set(), "in the catalogue, but nobody can break it"


def test_the_order_of_the_tests_names_files_that_exist() -> None:
    assert [name for name in (*LONGEST_FIRST, *TOGETHER) if not (PROJECT / name).exists()] == []
