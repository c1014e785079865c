import pytest

from understanding.phrases import BadPhrase, Finder, compile_phrase, fold, lines, read, respell, without

CLASSES = {"my": ["mon", "ma"], "who": ["mari", "petit ami"]}


def found(phrase: str, message: str) -> str | None:
    """Return the words of the message that the phrase covers, or None."""
    words = read(message)
    span = Finder([compile_phrase(phrase, CLASSES)]).first(words)
    return words.original(*span) if span else None


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Frappée", "frape"),
        ("CŒUR", "coeur"),
        ("straße", "strase"),
        ("ISPARTA", "isparta"),
        ("ılık", "ilik"),
        ("119", "119"),
        ("مُحَمَّد", "محمد"),
        ("насильство", "насильство"),
    ],
)
def test_a_word_is_folded(word: str, folded: str) -> None:
    assert fold(word) == folded


@pytest.mark.parametrize(
    ("phrase", "message", "covered"),
    [
        ("mon mari", "Mon MARI est là", "Mon MARI"),
        ("mon mari", "mon beau mari", None),
        ("mon .. mari", "mon beau mari", "mon beau mari"),
        ("mon .. mari", "mon si grand et beau mari", None),
        ("mon .... mari", "mon si grand et si beau mari", "mon si grand et si beau mari"),
        ("mon .... mari", "mon chat. mari", None),
        ("frapp*", "il m'a frappée hier", "frappée"),
        ("frapp*", "enfrapper", None),
        ("j'ai peur", "jai peur", "jai peur"),
        ("j'ai peur", "J’ai peur", "J’ai peur"),
        ("j'ai peur", "j ai peur", "j ai peur"),
        ("sans-abri", "je suis sans abri", "sans abri"),
        ("sans abri", "je suis sans-abri", "sans-abri"),
        ("{my} {who}", "ma petit ami", "ma petit ami"),
        ("{my} (chat|chien noir)", "mon chien noir", "mon chien noir"),
        ("{my} [gros] chat", "mon chat", "mon chat"),
        ("{my} [gros] chat", "mon gros chat", "mon gros chat"),
        ("{my} [gros] chat", "mon petit chat", None),
        ("< au feu", "Au feu !", "Au feu"),
        ("< au feu", "café. au feu", "au feu"),
        ("< au feu", "tourner au feu", None),
        ("bouge plus >", "il bouge plus", "bouge plus"),
        ("bouge plus >", "il bouge plus vite", None),
        ("bouge [>|maintenant]", "il bouge maintenant", "bouge maintenant"),
        ("le 119", "appelez le 119", "le 119"),
        ("(il y a .. ans)", "il y a deux ans", "il y a deux ans"),
    ],
)
def test_a_phrase_is_found_where_it_is(phrase: str, message: str, covered: str | None) -> None:
    assert found(phrase, message) == covered


@pytest.mark.parametrize(
    "bad", ["", "..", "[mon]", "(mon|)", "{whose} mari", "(mon mari", "mon) mari", "(>|mari)", "* mari"]
)
def test_a_phrase_that_cannot_be_read_is_refused(bad: str) -> None:
    with pytest.raises(BadPhrase):
        compile_phrase(bad, CLASSES)


def test_a_phrase_is_looked_for_only_where_its_anchor_is() -> None:
    phrase = compile_phrase("{my} (conjoint|compagnon) .. frapp*", CLASSES)
    assert set(phrase.anchors) == {"conjoint", "compagnon"}
    finder = Finder([phrase, compile_phrase("frapp*")])
    assert [found.source for found, _, _ in finder.find(read("le conjoint a frappé"))] == ["frapp*"]
    assert [found.source for found, _, _ in finder.find(read("mon conjoint a frappé"))] == [
        phrase.source,
        "frapp*",
    ]


def test_abbreviations_are_written_out_and_the_origin_kept() -> None:
    words = respell(read("jve mourrir la"), {"jve": "je veux"}, {"mourir": "mourir", "la": "la"}.__getitem__)
    assert words.tokens == ("je", "veux", "mourir", "la")
    span = Finder([compile_phrase("veux mourir")]).first(words)
    assert span
    assert words.original(*span) == "jve mourrir"


def test_a_message_without_abbreviation_is_left_as_it_is() -> None:
    words = read("je veux")
    assert respell(words, {"jve": "je veux"}, str) is words


def test_hidden_words_are_not_read_but_keep_their_place() -> None:
    words = read("Le feu vert. Au feu !")
    covered = bytearray(len(words.message))
    covered[3:11] = b"\1" * 8
    finder = Finder([compile_phrase("feu")])
    assert len(finder.find(words)) == 2
    left = without(words, covered)
    assert [left.original(start, end) for _, start, end in finder.find(left)] == ["feu"]
    assert left.original(*finder.find(left)[0][1:]) == "feu"
    assert left.span(*finder.find(left)[0][1:]) == (16, 19)


def test_lines_leave_out_comments_and_empty_lines() -> None:
    assert lines("# one\n\n  two  # three\nfour") == ["two", "four"]


@pytest.mark.parametrize(
    "message", ["", " ", "...", "!?", "a" * 300_000, "mon mari " * 40_000, ". " * 150_000, "’" * 300_000]
)
def test_any_message_is_read(message: str) -> None:
    words = read(message)
    assert words.text.startswith(" . ")
    assert words.text.endswith(". ")
    assert found("mon .... frapp*", message) is None
