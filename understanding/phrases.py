"""Phrases of the lexicons: what a person writes in a YAML file, and how it is found in a message.

A message becomes words without accents, capitals nor doubled letters ("Frappé" and "frapé" are both "frape"),
apostrophes and hyphens cut, sentences ended by a dot. A phrase is words to be found in that order:

    word          this word, whatever its accents, capitals and doubled letters
    wor*          a word that begins so
    j'ai          as "j ai", "j'ai" or "jai"; a hyphen does the same
    (a|b c|d*)    one of these
    [a|b]         one of these, or nothing
    {names}       one of the alternatives that the lexicon's `words` list under this name
    ..            up to three words of the same sentence, or none
    ....          up to nine words of the same sentence, or none
    <  >          the beginning, the end of a sentence (an alternative too: `[>|now]`)

Every repetition has a bound, so that the time to look for a phrase grows with the length of the message, no
faster.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

GAPS = {"..": r"(?:[^ .]+ ){0,3}?", "....": r"(?:[^ .]+ ){0,9}?"}

_TOKEN = re.compile(r"[^\W_]+|[.!?…。؟۔]+")
_REMEMBERED = 10_000
"""Words whose treatment is remembered: people use the same ones."""

_TYPOGRAPHY = str.maketrans({"œ": "oe", "æ": "ae", "ı": "i", "ø": "o", "ł": "l", "đ": "d"})
_DOUBLED = re.compile(r"([^\W\d_])\1+")
_ITEM = re.compile(r"\.{4}|\.\.|[<>]|[(\[][^)\]]*[)\]]|\{\w+\}|[^\s()\[\]{}<>]+")
_CLASS = re.compile(r"\{(\w+)\}")
_ENDS = {"<", ">"}
_WORD = re.compile(r"[^ ]+")
_JOINT = re.compile(r"['’-]")


class BadPhrase(ValueError):  # noqa: N818 - it says what is wrong with the phrase, like the others of this house
    """A phrase of a lexicon that cannot be read."""


@dataclass(frozen=True)
class Words:
    """A message as phrases read it.

    Attributes:
        text: " . word word . word . ", one space around each word, a dot between sentences and at both ends.
        tokens: the words alone.
        origins: for each word and dot, where it stands in `text`, then where it begins and ends in `message`.
        message: what the resident wrote.
    """

    text: str
    tokens: tuple[str, ...]
    origins: tuple[tuple[int, int, int], ...]
    message: str

    def original(self, start: int, end: int) -> str:
        """Return what the resident wrote where `text[start:end]` stands."""
        first, last = self.span(start, end)
        return self.message[first:last]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in `message` what stands in `text[start:end]` begins and ends."""
        inside = [(first, last) for at, first, last in self.origins if start <= at < end]
        return (inside[0][0], inside[-1][1]) if inside else (0, 0)


@lru_cache(maxsize=_REMEMBERED)
def fold(word: str) -> str:
    """Return a word without accents, capitals, doubled letters nor Arabic vowel signs."""
    lowered = unicodedata.normalize("NFKC", word).casefold().translate(_TYPOGRAPHY)
    decomposed = unicodedata.normalize("NFD", lowered)
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign) and sign != "ـ")
    return _DOUBLED.sub(r"\1", letters)


def read(message: str) -> Words:
    """Return the words of a message."""
    message = unicodedata.normalize("NFC", message)
    found = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(message)]
    folded = [(fold(word) if word[0].isalnum() else ".", start, end) for word, start, end in found]
    return _laid_out(folded, message)


def respell(words: Words, spelling: Mapping[str, str], correct: Callable[[str], str]) -> Words:
    """Return the words with abbreviations written out, and the others corrected."""
    meant = [spelling.get(token) or correct(token) for token in words.tokens]
    if meant == list(words.tokens):
        return words
    rest = iter(meant)
    laid = []
    for at, start, end in words.origins:
        written = "." if words.text[at] == "." else next(rest)
        laid += [(word, start, end) for word in written.split(" ")]
    return _laid_out(laid, words.message)


def without(words: Words, covered: bytearray) -> Words:
    """Return the words with some made unreadable, each in its place.

    Args:
        words: the words.
        covered: for each character of the message, 1 where words must not be read.
    """
    if not any(covered):
        return words
    pieces, before = [], 0
    for at, start, _ in words.origins:
        pieces.append(words.text[before:at])
        before = words.text.index(" ", at)
        hidden = covered[start] and words.text[at] != "."
        pieces.append("_" if hidden else words.text[at:before])
    return _moved(words, "".join([*pieces, words.text[before:]]))


def _moved(words: Words, text: str) -> Words:
    """Return the words with another text of as many words; where each stands is counted again."""
    places = [match.start() for match in _WORD.finditer(text)][1 : len(words.origins) + 1]
    origins = [(place, start, end) for place, (_, start, end) in zip(places, words.origins, strict=True)]
    return replace(words, text=text, origins=tuple(origins))


def _laid_out(found: Iterable[tuple[str, int, int]], message: str) -> Words:
    """Return the words in a line, a dot at both ends and never two in a row."""
    parts, origins, tokens, at = [" . "], [], [], 3
    for word, start, end in found:
        if word != ".":
            tokens.append(word)
        elif parts[-1].endswith(". "):
            continue
        parts.append(word + " ")
        origins.append((at, start, end))
        at += len(word) + 1
    if not parts[-1].endswith(". "):
        parts.append(". ")
    return Words("".join(parts), tuple(tokens), tuple(origins), message)


@dataclass(frozen=True)
class Phrase:
    """A phrase ready to be looked for.

    Attributes:
        source: as the lexicon has it.
        pattern: what finds it in `Words.text`.
        anchors: words, one of which every message with the phrase has; with a star, beginnings of words.
    """

    source: str
    pattern: re.Pattern[str]
    anchors: tuple[str, ...]


def lines(block: str) -> list[str]:
    """Return the phrases of a block of a lexicon: one a line, without empty lines nor `#` comments."""
    stripped = (line.partition("#")[0].strip() for line in block.splitlines())
    return [line for line in stripped if line]


def compile_phrase(source: str, classes: Mapping[str, Sequence[str]] | None = None) -> Phrase:
    """Return a phrase of a lexicon ready to be looked for.

    Raises:
        BadPhrase: the phrase names no word, or a class that the lexicon lacks.
    """
    pieces: list[str] = []
    anchors: tuple[str, ...] = ()
    for item in _items(source):
        if item in GAPS:
            pieces.append(GAPS[item])
        elif item in _ENDS:
            pieces.append(_word_regex(item))
        else:
            alternatives = _alternatives(item, classes or {}, source)
            optional = "?" if item.startswith("[") else ""
            pieces.append(f"(?:{'|'.join(_regex(words) for words in alternatives)}){optional}")
            if not optional and not _ENDS & set(alternatives):
                anchors = _rarer(anchors, alternatives)
    if not anchors:
        raise BadPhrase(f"no word that must be there: {source!r}")
    return Phrase(source, re.compile("(?<= )" + "".join(pieces)), anchors)


def _items(source: str) -> list[str]:
    items = _ITEM.findall(source)
    if "".join(items).replace(" ", "") != source.replace(" ", ""):
        raise BadPhrase(f"cannot be read: {source!r}")
    return items


def _alternatives(item: str, classes: Mapping[str, Sequence[str]], source: str) -> list[str]:
    listed = item[1:-1].split("|") if item[0] in "([" else [item]
    found: list[str] = []
    for words in listed:
        name = _CLASS.fullmatch(words.strip())
        if name and name.group(1) not in classes:
            raise BadPhrase(f"no words named {name.group(1)!r}: {source!r}")
        found += classes[name.group(1)] if name else [words]
    cleaned = [words.strip() for words in found]
    if not all(cleaned):
        raise BadPhrase(f"an empty alternative: {source!r}")
    return sorted(cleaned, key=len, reverse=True)


def _regex(words: str) -> str:
    return "".join(_word_regex(word) for word in words.split())


def _word_regex(word: str) -> str:
    if word in _ENDS:
        return r"(?<= \. )" if word == "<" else r"(?=\. )"
    if word in GAPS:
        return GAPS[word]
    stem = word.removesuffix("*")
    joined = " ?".join(re.escape(fold(piece)) for piece in _JOINT.split(stem) if piece)
    return f"{joined}[^ ]* " if word.endswith("*") else f"{joined} "


def _rarer(anchors: tuple[str, ...], alternatives: Iterable[str]) -> tuple[str, ...]:
    """Return whichever words are likely to be rarer in messages: the longest, at their shortest."""
    candidates = tuple(_anchor(words) for words in alternatives)
    if not anchors or min(map(len, candidates)) > min(map(len, anchors)):
        return candidates
    return anchors


def _anchor(words: str) -> str:
    """Return the longest word of these, as it stands in a message; joined pieces may be apart or not."""
    best = ""
    for word in words.split():
        if word in GAPS or word in _ENDS:
            continue
        star = "*" if word.endswith("*") else ""
        pieces = [fold(piece) for piece in _JOINT.split(word.removesuffix("*")) if piece]
        if not pieces:
            raise BadPhrase(f"{word!r} is no word")
        # Of a joined word, only its first piece surely begins a word of the message.
        piece = pieces[0] + ("*" if len(pieces) > 1 else star)
        best = max(best, piece, key=len)
    return best


class Finder:
    """Looks for many phrases at once: only those whose anchor is in the message are tried."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._by_beginning: dict[str, list[int]] = {}
        self._phrases = tuple(phrases)
        for number, phrase in enumerate(self._phrases):
            for anchor in phrase.anchors:
                index = self._by_beginning if anchor.endswith("*") else self._by_word
                index.setdefault(anchor.removesuffix("*"), []).append(number)
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning})
        self._anchored = lru_cache(maxsize=_REMEMBERED)(self._find_anchored)

    def find(self, words: Words) -> list[tuple[Phrase, int, int]]:
        """Return the phrases found, in the lexicon's order, with where each is in `words.text`."""
        found = []
        for number in sorted(self._candidates(words.tokens)):
            for match in self._phrases[number].pattern.finditer(words.text):
                found.append((self._phrases[number], match.start(), match.end()))  # noqa: PERF401 - two loops
        return found

    def first(self, words: Words) -> tuple[int, int] | None:
        """Return where in `words.text` the first phrase of the lexicon that is there stands, or None."""
        for number in sorted(self._candidates(words.tokens)):
            match = self._phrases[number].pattern.search(words.text)
            if match:
                return match.span()
        return None

    def _candidates(self, tokens: Iterable[str]) -> set[int]:
        return {number for token in set(tokens) for number in self._anchored(token)}

    def _find_anchored(self, token: str) -> tuple[int, ...]:
        beginnings = (token[:length] for length in self._lengths if length <= len(token))
        longer = (number for beginning in beginnings for number in self._by_beginning.get(beginning, ()))
        return (*self._by_word.get(token, ()), *longer)
