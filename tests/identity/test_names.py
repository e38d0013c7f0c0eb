"""One name, many spellings: what is compared."""

from __future__ import annotations

import pytest

from tests.identity.conftest import Ask


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Siti Aminah", "SITI AMINAH"),
        ("Drs. H. Budi Santoso, S.Sos.", "BUDI SANTOSO"),
        ("DRS.H.BUDI SANTOSO", "BUDI SANTOSO"),
        ("Drs., H. Budi Santoso", "BUDI SANTOSO"),
        ("K.H. Hasan", "HASAN"),
        ("R. Hartono", "HARTONO"),
        ("Siti Aminah S.Pd.I", "SITI AMINAH"),
        ("SITI AMINAH SSOS MSI", "SITI AMINAH"),
        ("Ali A.Md.Kom", "ALI"),
        ("Slamet S. Tr. Sos", "SLAMET"),
        ("Hadi", "HADI"),
        ("Haji", "HAJI"),
        ("H.", "H"),
        ("SE", "SE"),
        ("Muhammad", "MUHAMAD"),
        ("Mochamad Ali", "MUHAMAD ALI"),
        ("Moh. Ali", "MUHAMAD ALI"),
        ("Mhd Ali", "MUHAMAD ALI"),
        ("M. Ali", "MUHAMAD ALI"),
        ("H. M. Ali", "MUHAMAD ALI"),
        ("Ali M.", "ALI M"),
        ("Siti Akhmad", "SITI AHMAD"),
        ("Ach. Fauzi", "AHMAD FAUZI"),
        ("Abd. Rahman", "ABDUL RAHMAN"),
        ("Abdoel Rachman", "ABDUL RACHMAN"),
        ("Abdullah", "ABDULAH"),
        ("St. Aminah", "SITI AMINAH"),
        ("Soeharto", "SUHARTO"),
        ("Djoko Tjipto", "JOKO CIPTO"),
        ("Sjamsuddin", "SYAMSUDIN"),
        ("Njoman Widjaja", "NYOMAN WIJAYA"),
        ("Jusuf Soerjadi", "YUSUF SURYADI"),
        ("Joko Aji Panji", "JOKO AJI PANJI"),
        ("Ma'ruf", "MARUF"),
        ("Nu’man", "NUMAN"),
        ("  Nur-Aini \n Ummi ", "NUR AINI UMI"),
        ("René", "RENE"),
        ("12/5", None),
        (None, None),
    ],
)
def test_a_name_is_compared_without_titles_and_in_one_spelling(
    ask: Ask, written: str | None, compared: str | None
) -> None:
    assert ask("name_key", written) == compared


def test_the_short_way_for_plain_names_is_no_other_way(ask: Ask) -> None:
    """An apostrophe parts nothing and is left out, but a name with one goes through all steps."""
    words = [
        "BUDI",
        "M",
        "MD",
        "MOHD",
        "ACH",
        "ABD",
        "ST",
        "STI",
        "DR",
        "H",
        "NJI",
        "JUSUF",
        "RAJUSUF",
        "SE",
        "S PD",
        "A",
        "OEMAR",
    ]
    names = ["", " BUDI", "BUDI ", "BUDI  SE", "ANNISA", *words, *(f"{a} {b}" for a in words for b in words)]
    different = [name for name in names if ask("name_key", name) != ask("name_key", f"{name}'")]
    assert different == []


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("BUDI SANTOSO", "BUDI SANTOSO", 3),
        ("NUR AINI", "NURAINI", 3),
        ("SANTOSO BUDI", "BUDI SANTOSO", 3),
        ("BUDI S", "BUDI SANTOSO", 2),
        ("M FAUZI", "MUHAMAD FAUZI", 2),
        ("BAMBANG SUTE", "BAMBANG SUTEJO", 2),
        ("SITI AMINAH", "SITI AMINAH WATI", 2),
        ("AGUS SETIAWNA", "AGUS SETIAWAN", 1),
        ("SULASRI", "SULASTRI", 1),
        ("HASIN BASRI", "HASAN BASRI", 1),
        ("DEWI", "DEWA", 1),
        ("SITI AISYAH", "SITI AMINAH", 0),
        ("SITI NUR FAUZIYAH", "SITI NUR FARIDAH", 0),
        ("BUDI", "BUDI SANTOSO", 0),
        ("B S", "BUDI SANTOSO", 0),
        ("HASAN", "HUSEN", 0),
        ("BUDI", None, None),
    ],
)
def test_how_far_two_names_agree(ask: Ask, one: str, other: str | None, agreement: int | None) -> None:
    assert ask("name_agreement", one, other) == agreement
    assert ask("name_agreement", other, one) == agreement
    assert ask("names_agree", one, other) is bool(agreement)
