import pytest

from knowledge.frontmatter import Fields, content_hash, read_fields, split_front_matter

TEXT = "---\nid: a\nreviewed: null\nreviewed_by: null\n---\nCourt.\nreviewed: dans le texte\n"


def fields_of(yaml_text: str) -> tuple[Fields, list[tuple[int, str, str]]]:
    problems: list[tuple[int, str, str]] = []
    split = split_front_matter(f"---\n{yaml_text}\n---\n")
    fields = read_fields(split, lambda line, field, reason: problems.append((line, field, reason)))
    assert fields is not None
    return fields, problems


def test_split_counts_lines_in_the_file() -> None:
    split = split_front_matter(TEXT)
    assert TEXT.split("\n")[split.body_line - 1] == "Court."
    assert split.front.startswith("id: a")


@pytest.mark.parametrize("text", ["", "Court.", "---\nid: a\n"])
def test_a_front_matter_must_open_and_close(text: str) -> None:
    with pytest.raises(ValueError, match="front matter"):
        split_front_matter(text)


def test_invalid_yaml_is_reported_on_its_line() -> None:
    problems: list[tuple[int, str, str]] = []
    split = split_front_matter("---\nid: a\ntitle: [\n---\n")
    assert read_fields(split, lambda line, field, reason: problems.append((line, field, reason))) is None
    assert problems[0][0] in (3, 4)


def test_values_of_a_wrong_type_are_reported_with_their_line() -> None:
    fields, problems = fields_of("title: 12\ntitle_two: yes\nday: hier\nlist: [a, {b: c}]\nmap: text")
    assert fields.text("title") == ""
    assert fields.text("title_two") == ""
    assert fields.date("day") is None
    assert fields.texts("list") == ("a",)
    assert fields.mapping("map") is None
    assert [(line, field) for line, field, _ in problems] == [
        (2, "title"),
        (3, "title_two"),
        (4, "day"),
        (5, "list"),
        (6, "map"),
    ]


def test_a_field_given_twice_and_an_unknown_one_are_reported() -> None:
    fields, problems = fields_of("title: a\ntitle: b\ntitel: c")
    fields.refuse_unknown(("title",))
    assert [(line, field) for line, field, _ in problems] == [(3, "title"), (4, "titel")]


def test_nested_fields_are_named_by_their_place() -> None:
    fields, problems = fields_of("sources:\n  - {title: a}\n  - {title: 3}\n  - text")
    assert [item.text("title") for item in fields.mappings("sources")] == ["a", ""]
    assert [(line, field) for line, field, _ in problems] == [(5, "sources[3]"), (4, "sources[2].title")]


def test_the_hash_ignores_reviews_and_line_ends_but_nothing_else() -> None:
    reviewed = TEXT.replace("reviewed: null", "reviewed: 2026-12-01").replace("by: null", "by: Une personne")
    assert content_hash(reviewed) == content_hash(TEXT)
    assert content_hash(TEXT.replace("\n", "\r\n")) == content_hash(TEXT)
    assert content_hash(TEXT.replace("Court", "Long")) != content_hash(TEXT)
    assert content_hash(TEXT.replace("dans le texte", "ailleurs")) != content_hash(TEXT)
    assert len(content_hash(TEXT)) == 16
