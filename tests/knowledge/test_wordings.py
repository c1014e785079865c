from pathlib import Path

import pytest

from knowledge.wordings import load_wordings


def test_text_messages_become_words_in_their_language_only() -> None:
    wordings = load_wordings()
    assert (
        wordings.spelled_out("g pas 2pui RDV bcp d'asso", "fr")
        == "j'ai pas depuis rendez-vous beaucoup d'asso"
    )
    assert wordings.spelled_out("g pas", "en") == "g pas"


def test_acronyms_are_spelled_out_and_found_again() -> None:
    wordings = load_wordings()
    assert wordings.expansions("Ma RQTH ?") == "reconnaissance de la qualite de travailleur handicape"
    assert wordings.expansions("la prestation de compensation du handicap") == "pch"
    assert wordings.expansions("bonjour") == ""


def test_no_spelling_is_also_an_acronym() -> None:
    wordings = load_wordings()
    assert not wordings.acronyms.keys() & wordings.messages["fr"].keys()


def test_a_wrong_entry_is_named(tmp_path: Path) -> None:
    (tmp_path / "acronyms.yml").write_text("no: 12\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"acronyms\.yml"):
        load_wordings(tmp_path)
