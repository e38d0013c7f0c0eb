"""The night's pages ``dictionary.html`` and ``rules.html``, in the frame that all of Pilar's pages share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pilar.dictionary.assemble import RELEASE, VIEWS
from pilar.dictionary.model import FEW, Dictionary
from pilar.dictionary.rulebook import CATEGORIES, EFFECTS, LABELS, OWNERS, chapters
from pilar.html import environment
from pilar.rules import SEVERITIES, catalogue

SUBJECTS = {
    "people": ("Orang", "People"),
    "money": ("Uang", "Money"),
    "premiums": ("Iuran", "Premiums"),
    "poverty": ("Kemiskinan", "Poverty"),
    "claims": ("Pernyataan publik", "Public claims"),
    "quality": ("Mutu data", "Data quality"),
    "dimensions": ("Dimensi", "Dimensions"),
    VIEWS: ("Tampilan siap pakai", "Ready-made views"),
    RELEASE: ("Rilis", "Release"),
}


def dictionary_page(told: Dictionary) -> str:
    """``dictionary.html`` of a release."""
    template = environment("pilar.dictionary").get_template("dictionary.html.j2")
    return template.render(told=told, subjects=SUBJECTS, labels=LABELS, few=FEW)


def rules_page(release_id: str | None, open_findings: Mapping[str, int], *, has_dictionary: bool) -> str:
    """``rules.html``: the catalogue, with each rule's open findings in a release if there is one."""
    template = environment("pilar.dictionary").get_template("rules.html.j2")
    return template.render(
        chapters=chapters(),
        counts=Counter(rule.severity for rule in catalogue().values()),
        severities=SEVERITIES,
        labels=LABELS,
        effects=EFFECTS,
        owners=OWNERS,
        categories=CATEGORIES,
        open=open_findings,
        release_id=release_id,
        has_dictionary=has_dictionary,
    )
