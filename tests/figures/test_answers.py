"""Answers of the BPS Web API: keys are built, errors are told apart, nothing is guessed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pilar.figures import read, understand
from pilar.reading.model import Rejected


def answer(**changes: Any) -> dict[str, Any]:
    """A small answer of variable 192 (P0 by province and area, half-years)."""
    body: dict[str, Any] = {
        "status": "OK",
        "data-availability": "available",
        "last_update": "2024-07-01 10:00:00",
        "var": [
            {
                "val": 192,
                "label": "Persentase Penduduk Miskin (P0) Menurut Provinsi dan Daerah",
                "unit": "Persen",
            }
        ],
        "turvar": [{"val": "432", "label": "Perkotaan"}, {"val": 434, "label": "Jumlah"}],
        "vervar": [{"val": 3500, "label": "<b>JAWA TIMUR</b>"}, {"val": 9999, "label": "INDONESIA"}],
        "tahun": [{"val": 124, "label": "2024"}],
        "turtahun": [{"val": 61, "label": "Semester 1 (Maret)"}, {"val": 62, "label": "Semester 2 (September)"}],
        "datacontent": {"350019243212461": 7.01, "350019243412461": 9.79, "999919243412461": "9.03"},
    }
    return copy.deepcopy(body) | changes


def test_keys_are_built_from_the_dimensions() -> None:
    rows = read("x.json", None, answer())
    assert [(r["region_code"], r["area_type"], r["period"], r["value"], r["source_column"]) for r in rows] == [
        ("3500", "urban", "2024-03", "7.01", "350019243212461"),
        ("3500", "total", "2024-03", "9.79", "350019243412461"),
        ("0000", "total", "2024-03", "9.03", "999919243412461"),
    ]
    assert {(r["indicator"], r["unit"], r["released_on"]) for r in rows} == {
        ("poverty_rate_pct", "persen", "2024-07-01")
    }
    assert [r["source_row"] for r in rows] == [1, 1, 2]
    assert rows[0]["table_title"] == "Persentase Penduduk Miskin (P0) Menurut Provinsi dan Daerah"


def test_a_recording_and_a_bare_body_say_the_same() -> None:
    wrapped = {
        "name": "data",
        "request": {"method": "GET", "params": {"model": "data", "domain": "0000", "var": "192", "th": "124"}},
        "status_code": 200,
        "content_type": "application/json",
        "body": answer(),
    }
    assert read("x.json", None, wrapped) == read("x.json", None, answer())


def test_numbers_without_labels_fall_back_to_the_ids_of_bps() -> None:
    rows = read(
        "x.json",
        None,
        answer(
            turvar=[{"val": 433, "label": ""}],
            turtahun=[{"val": 63, "label": ""}],
            datacontent={"350019243312463": 13.3},
        ),
    )
    assert [(r["area_type"], r["period"]) for r in rows] == [("rural", "2024")]


def test_a_plain_year_is_march_since_2015() -> None:
    changes = {
        "turvar": [{"val": "0", "label": "Tidak ada"}],
        "turtahun": [{"val": 0, "label": "Tahun"}],
        "tahun": [{"val": 114, "label": "2014"}, {"val": 115, "label": "2015"}],
        "datacontent": {"350019201140": 12.28, "350019201150": 12.34},
    }
    assert [r["period"] for r in read("x.json", None, answer(**changes))] == ["2014", "2015-03"]


def test_missing_figures_are_none() -> None:
    content = {"350019243212461": None, "350019243412461": "-", "999919243412461": 9.03}
    assert [r["region_code"] for r in read("x.json", None, answer(datacontent=content))] == ["0000"]


def test_a_region_whose_code_and_label_disagree_is_left_open() -> None:
    regions = [{"val": 3500, "label": "JAWA TENGAH"}, {"val": 9999, "label": "INDONESIA"}]
    assert [r["region_code"] for r in read("x.json", None, answer(vervar=regions))] == [None, None, "0000"]
    unknown_code = [{"val": 77, "label": "Kab. Tuban"}]
    rows = read("x.json", None, answer(vervar=unknown_code, datacontent={"7719243412461": 14.9}))
    assert [r["region_code"] for r in rows] == ["3523"]


def test_an_unknown_division_is_left_out_and_listed() -> None:
    divided = answer(
        turvar=[{"val": 434, "label": "Jumlah"}, {"val": 1, "label": "Laki-laki"}],
        datacontent={"350019243412461": 9.79, "3500192112461": 9.5},
    )
    (reading,) = understand("x.json", None, divided)
    assert [figure.value for figure in reading.figures] == ["9.79"]
    assert reading.ignored_headers == ["Laki-laki"]


@pytest.mark.parametrize(
    ("body", "rule_code", "sentence"),
    [
        (None, "API_ERROR_ANSWER", "too large"),
        ("<html><title>Request Rejected</title></html>", "API_ERROR_ANSWER", "page of text"),
        ({"status": "Error", "message": "Parameter th is required"}, "API_ERROR_ANSWER", "Parameter th is required"),
        ({"status": "OK", "data-availability": "list-not-available", "data": ""}, "API_NOT_AVAILABLE", ""),
        ({"status": "OK", "data-availability": "not-available", "data": ""}, "API_NOT_AVAILABLE", ""),
        ({"status": "OK", "data-availability": "unavailable"}, "API_NOT_AVAILABLE", ""),
        ({"status": "OK", "data": [{"page": 1}, []]}, "API_NOT_POVERTY", "list or another table"),
        ([1, 2], "API_NOT_POVERTY", "list or another table"),
        (answer(datacontent=[]), "API_NOT_AVAILABLE", ""),
        (answer(datacontent="x"), "TABLE_NOT_UNDERSTOOD", "no object"),
        (answer(datacontent={"350019243412461": [1]}), "TABLE_NOT_UNDERSTOOD", "no figure"),
        (answer(turvar=[]), "TABLE_NOT_UNDERSTOOD", "`turvar`"),
        (answer(var=[{"val": 414, "label": "Gini Rasio", "unit": ""}]), "API_NOT_POVERTY", "Variable 414"),
        (answer(var=[{"val": 185, "label": "Persentase Penduduk Miskin (P0)", "unit": "Persen"}]),
         "TABLE_NOT_UNDERSTOOD", "contradict"),
        (answer(var=[{"val": 624, "label": "Garis Kemiskinan", "unit": "Persen"}]),
         "TABLE_NOT_UNDERSTOOD", "contradict"),
        (answer(tahun=[{"val": 124, "label": "2023"}]), "TABLE_NOT_UNDERSTOOD", "contradict"),
        (answer(datacontent={"350019243412461": 9.79, "350019243412499": 1, "1": 2}),
         "TABLE_NOT_UNDERSTOOD", "2 of 3 keys"),
        (answer(turvar=[{"val": 1, "label": "Laki-laki"}], datacontent={"3500192112461": 9.5}),
         "TABLE_NOT_UNDERSTOOD", "division"),
    ],
)  # fmt: skip
def test_an_answer_without_figures_is_rejected_for_its_reason(body: object, rule_code: str, sentence: str) -> None:
    with pytest.raises(Rejected) as rejected:
        read("x.json", None, body)
    assert rejected.value.rule_code == rule_code
    assert sentence in rejected.value.detail_en


def test_an_http_error_in_a_recording_is_an_error_answer() -> None:
    with pytest.raises(Rejected, match="HTTP 403") as rejected:
        read("x.json", None, {"request": {}, "status_code": 403, "body": "<html></html>"})
    assert rejected.value.rule_code == "API_ERROR_ANSWER"


def test_combinations_that_give_one_key_are_not_told_apart() -> None:
    # 1|192 and 11|92 with the same rest are one and the same text.
    twofold = answer(
        vervar=[{"val": 1, "label": "Kab. Tuban"}, {"val": 11, "label": "Kab. Ngawi"}],
        var=[
            {"val": 192, "label": "Persentase Penduduk Miskin (P0)", "unit": "Persen"},
            {"val": 92, "label": "Persentase Penduduk Miskin (P0)", "unit": "Persen"},
        ],
        datacontent={"119243412461": 9.79},
    )
    with pytest.raises(Rejected, match="same key"):
        read("x.json", None, twofold)


def test_no_key_is_quoted() -> None:
    secret = "0123456789abcdef0123456789abcdef"
    for message in (f"Bad key={secret}", f"list/key/{secret}/ refused", f"key: {secret[:12]}"):
        with pytest.raises(Rejected) as rejected:
            read("x.json", None, {"status": "Error", "message": message})
        assert secret[:12] not in rejected.value.detail_en + rejected.value.detail_id
