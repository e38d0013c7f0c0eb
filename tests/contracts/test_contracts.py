"""The contracts are Open Data Contract Standard documents, and each says enough to read and document its feed."""

from __future__ import annotations

import copy
import json
from importlib import resources
from typing import Any

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from pilar import contracts as loader
from pilar.contracts import Contract, contract, contracts, dbt_sources
from pilar.reading.cells import key

FEEDS = list(contracts())


def document(feed: str) -> dict[str, Any]:
    text = resources.files(loader).joinpath(f"{feed}.yaml").read_text("utf-8")
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


@pytest.fixture(scope="module")
def standard() -> jsonschema.Draft201909Validator:
    """The standard's own JSON schema, as its package carries it."""
    schema = json.loads(resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))
    return jsonschema.Draft201909Validator(schema)


def broken(**changes: Any) -> dict[str, Any]:
    """The roster contract with something wrong in it."""
    wrong = copy.deepcopy(document("rosters"))
    wrong.update(changes)
    return wrong


def test_the_feeds_of_the_design_have_a_contract_each() -> None:
    assert FEEDS == ["decisions", "disbursements", "events", "poverty", "premiums", "rosters"]


@pytest.mark.parametrize("feed", FEEDS)
def test_a_contract_follows_the_standard(feed: str, standard: jsonschema.Draft201909Validator) -> None:
    assert [error.message for error in standard.iter_errors(document(feed))] == []
    assert OpenDataContractStandard.model_validate(document(feed)).id == feed


def _without(key: str) -> dict[str, Any]:
    return {name: value for name, value in document("rosters").items() if name != key}


def _with_column(**changes: Any) -> dict[str, Any]:
    wrong = broken()
    wrong["schema"][0]["properties"][0].update(changes)
    return wrong


@pytest.mark.parametrize(
    "wrong",
    [
        broken(apiVersion="v9.9.9"),
        broken(kind="Agreement"),
        broken(ours="a key that the standard does not have"),
        _without("version"),
        _with_column(logicalType="money"),
        _with_column(required="maybe"),
        _with_column(headers=["NIK"]),
    ],
    ids=["version of the standard", "kind", "unknown key", "no version", "logical type", "required", "our own key"],
)
def test_the_standard_refuses_what_is_not_its_own(
    wrong: dict[str, Any], standard: jsonschema.Draft201909Validator
) -> None:
    assert list(standard.iter_errors(wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        _with_column(classification="secret"),
        _with_column(physicalType="BIGINT"),
        _with_column(name="name"),
        broken(id="roster"),
    ],
    ids=["unknown class", "a type that is no text", "a column twice", "a name unlike its table"],
)
def test_the_loader_refuses_what_the_subset_does_not_allow(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Contract.model_validate(wrong)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_column_is_described_and_can_be_found_in_a_file(feed: str) -> None:
    chosen = contract(feed)
    for column in chosen.columns:
        assert column.examples, f"{feed}.{column.name} has no example"
        if chosen.reader == "table":
            assert column.headers, f"{feed}.{column.name} has no header"


@pytest.mark.parametrize("feed", [feed for feed in FEEDS if contract(feed).reader == "table"])
def test_a_header_means_one_column(feed: str) -> None:
    seen: dict[str, str] = {}
    for column in contract(feed).columns:
        for header in column.headers:
            other = seen.setdefault(key(header), column.name)
            assert other == column.name, f"{feed}: {header} stands for {other} and {column.name}"


@pytest.mark.parametrize("feed", FEEDS)
def test_slice_and_context_name_columns_of_the_contract(feed: str) -> None:
    chosen = contract(feed)
    names = {column.name for column in chosen.columns}
    assert set(chosen.slice) <= names
    assert set(chosen.from_context) <= names


def test_what_identifies_a_person_is_restricted() -> None:
    personal = {"nik", "name", "birth_date", "account_no", "account_name", "phone", "bpjs_no"}
    told = {
        (feed, column.name): column.classification
        for feed in FEEDS
        for column in contract(feed).columns
        if column.name in personal
    }
    assert {place: kind for place, kind in told.items() if kind != "restricted"} == {}


def test_an_unknown_feed_is_told_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="known feeds: decisions, disbursements"):
        contract("bantuan")


def test_the_generated_dbt_sources_are_what_the_contracts_say() -> None:
    assert dbt_sources.TARGET.read_text("utf-8") == dbt_sources.render()
    assert dbt_sources.TARGET.read_text("utf-8").startswith("# Generated from pilar/contracts/*.yaml")


def test_the_generated_dbt_sources_name_every_column_of_every_feed() -> None:
    tables = yaml.safe_load(dbt_sources.render())["sources"][0]["tables"]
    listed = {table["name"]: [column["name"] for column in table["columns"]] for table in tables}
    for feed in FEEDS:
        assert listed[feed][: len(contract(feed).columns)] == [column.name for column in contract(feed).columns]
