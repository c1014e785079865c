from pathlib import Path

import pytest

from knowledge.national.xml_file import MAX_DEPTH, Node, XmlError, read_xml, text_of


def read(folder: Path, text: str) -> Node:
    path = folder / "a.xml"
    path.write_text(text, encoding="utf-8")
    return read_xml(path)


def refused(folder: Path, text: str) -> tuple[int, str]:
    with pytest.raises(XmlError) as caught:
        read(folder, text)
    return caught.value.problem.line, caught.value.problem.reason


def test_elements_know_their_texts_lines_and_attributes(tmp_path: Path) -> None:
    root = read(tmp_path, '<A>\n un <B c=" 1 ">deux</B> trois <!-- non --> quatre\n<B/></A>')
    first, second = root.all("B")
    assert (root.text, first.text, text_of(root.first("C"))) == ("un deux trois quatre", "deux", "")
    assert (first.line, second.line, first.get("c"), first.get("d")) == (2, 3, "1", "")
    assert [node.tag for node in root.walk()] == ["A", "B", "B"]


def test_a_fault_is_said_with_its_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "<A>\n<B>\n</A>")[0] == 3
    assert "well-formed" in refused(tmp_path, "")[1]
    with pytest.raises(XmlError, match="cannot be read"):
        read_xml(tmp_path / "absent.xml")


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE A [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE A [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE A SYSTEM "http://127.0.0.1:9/a.dtd">',
    ],
)
def test_a_document_type_is_refused_and_nothing_else_is_opened(tmp_path: Path, declared: str) -> None:
    assert "document type" in refused(tmp_path, f"{declared}<A/>")[1]
    with pytest.raises(XmlError):
        read(tmp_path, f"{declared}<A>&b;</A>")


def test_levels_without_end_are_refused(tmp_path: Path) -> None:
    assert "levels" in refused(tmp_path, "<A>" * (MAX_DEPTH + 1) + "</A>" * (MAX_DEPTH + 1))[1]
