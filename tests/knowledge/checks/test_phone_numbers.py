import pytest

from knowledge.checks.phone_numbers import find_phones, phone_key


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("Appelez le 01 23 45 67 89.", ["01 23 45 67 89"]),
        ("Compose le 0 800 08 11 11 (gratuit)", ["0 800 08 11 11"]),
        ("(0 809 401 401)", ["0 809 401 401"]),
        ("depuis l'étranger : +33 1 23 45 67 89", ["+33 1 23 45 67 89"]),
        ("02.61.91.00.00", ["02.61.91.00.00"]),
        ("Le **3919** écoute, le 36 46 aussi, 39\u00a049 de même", ["3919", "36 46", "39\u00a049"]),
        ("le 116 006, gratuit", ["116 006"]),
        ("3939-gratuit", ["3939"]),
        ("Appelez le **15** ou le **112**, puis le 18", ["15", "112", "18"]),
        ("call 17 or 113", ["17", "113"]),
        ("envoyez un SMS au 114", ["114"]),
        ("téléphonez au 10 14", ["10 14"]),
        ("39 60, ou 09 71 10 39 60 depuis une box", ["39 60", "09 71 10 39 60"]),
    ],
)
def test_numbers_are_found_as_they_are_written(text: str, phones: list[str]) -> None:
    assert list(find_phones(text)) == phones


@pytest.mark.parametrize(
    "text",
    [
        "articles L. 3121-9 à L. 3131-1, R. 3111-24, D. 3142",
        "l'article 3131 et la fiche 3114",
        "3500 euros, 3200 €, 30 000 habitants, 3 919 €, 116 000 habitants",
        "de 30 à 35 ans, le 30/39, 2026-11-22, le 22 novembre 2026",
        "appelez le 15 mars, ou le 16 juin",
        "appelez 24 h avant",
        "https://example.org/3919/0123456789",
        "Cerfa 15692*01, SIREN 130 025 265, 13004 Marseille",
    ],
)
def test_other_digits_are_no_numbers(text: str) -> None:
    assert find_phones(text) == ()


def test_one_number_has_one_key_however_it_is_written() -> None:
    written = (
        "01 23 45 67 89",
        "01.23.45.67.89",
        "+33 1 23 45 67 89",
        "+33 (0)1 23 45 67 89",
        "0033 123456789",
    )
    assert {phone_key(each) for each in written} == {"0123456789"}
    assert phone_key("39 19") == phone_key("3919") == "3919"
    assert phone_key("+49 30 123") == "4930123"
