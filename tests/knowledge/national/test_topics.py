from pathlib import Path

import pytest

from knowledge.national.sheet import Sheet, read_sheet
from knowledge.national.topics import Topics, UnmappedError, load_topics
from knowledge.yaml_files import ContentError
from tests.knowledge.national.sheets import write_sheet


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    return read_sheet(write_sheet(tmp_path))


def topics(folder: Path, text: str) -> Topics:
    path = folder / "topics.yml"
    path.write_text(text, encoding="utf-8")
    return load_topics(path)


def test_the_nearest_thing_that_is_named_wins(tmp_path: Path, sheet: Sheet) -> None:
    parts = ["sheets: {F1: pch}", "dossiers: {N392: apa}", "sub_themes: {N2: ash}", "themes: {N1: sport}"]
    for number, topic in enumerate(("pch", "apa", "ash", "sport")):
        assert topics(tmp_path, "\n".join(parts[number:])).topic_of(sheet) == topic


def test_a_sheet_that_nothing_names_says_what_to_add(tmp_path: Path, sheet: Sheet) -> None:
    with pytest.raises(UnmappedError, match=r'"N392: <topic>" under dossiers \(Un dossier\)'):
        topics(tmp_path, "sheets: {}").topic_of(sheet)
    alone = read_sheet(write_sheet(tmp_path, "F2", parents=None))
    with pytest.raises(UnmappedError, match='"F2: <topic>" under sheets'):
        topics(tmp_path, "sheets: {}").topic_of(alone)
    with pytest.raises(UnmappedError, match="not ours"):
        topics(tmp_path, "left_out: {F1: not ours}\ndossiers: {N392: apa}").topic_of(sheet)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sheets:\n  F1: apaa", 2),
        ("dossiers:\n  N1: apa\n  N2: emergency-enfant", 3),
        ("sheet:\n  F1: apa", 1),
        ("sheets: [F1]", 1),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(ContentError) as caught:
        topics(tmp_path, text)
    assert [problem.line for problem in caught.value.problems] == [line]


def test_the_file_that_comes_with_it_is_right() -> None:
    assert load_topics().dossiers["N19775"] == "rsa"
