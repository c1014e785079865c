import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.cleaning import clean


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("  bonjour  ", "bonjour"),
        ("e\u0301cole", "école"),
        ("un\u00a0deux\u202ftrois\tquatre", "un deux trois quatre"),
        ("une\r\ndeux\rtrois\u2028quatre\x0bcinq", "une\ndeux\ntrois\nquatre\ncinq"),
        ("a \n  b", "a\nb"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("admin\u202etxt.exe", "admintxt.exe"),
        ("\u2066isolé\u2069", "isolé"),
        ("sui\u200bcide\ufeff", "suicide"),
        ("soft\u00adhyphen", "softhyphen"),
        ("caché\U000e0041\U000e0042", "caché"),
        ("moitié\ud83d", "moitié"),
        ("", ""),
        ("\u200b\n\t ", ""),
    ],
)
def test_a_message_comes_out_plain(given: str, cleaned: str) -> None:
    assert clean(given) == cleaned


@pytest.mark.parametrize(
    "kept", ["👨\u200d👩\u200d👧", "می\u200cخواهم", "شقة\u200f 12", "ما هو RSA؟", "ça coûte 12 €", "Привіт"]
)
def test_what_scripts_and_emoji_need_stays(kept: str) -> None:
    assert clean(kept) == kept


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")
