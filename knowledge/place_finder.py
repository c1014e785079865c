"""Recognises the places that a resident names in a free text: postal codes, names, arrondissements.

Prefers silence to a guess: a place that is missed is asked for, a wrong one sends to the wrong door. So names
that are ordinary words, and misspellings of short names, only count where a place is expected.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from knowledge.place_words import ARTICLES, Name, Phrase, PlaceWords, Word, phrases, words_of

LINKS = ARTICLES | {"de", "d"}
LONGER_NAME = frozenset({"sur", "sous", "en", "les", "lez", "la", "le", "de", "d"})
LONGER_SHORT_NAME = frozenset({"sur", "sous", "les", "lez", "de", "d"})

LETTERS_WHERE_EXPECTED = 6
"""Letters from which one wrong letter is forgiven where a place is expected (after "à", or alone)."""
LETTERS_ANYWHERE = 9
"""Letters from which one wrong letter is forgiven anywhere."""
LETTERS_FOR_TWO = 12
"""Letters from which two wrong letters are forgiven where a place is expected."""


@dataclass(frozen=True, order=True)
class Mention:
    """Words of a text that name places: from the word `start` to the one before `end`; INSEE codes."""

    start: int
    end: int
    places: tuple[str, ...]


@dataclass
class Reading:
    """A text being read: its words, and which are already understood."""

    words: tuple[Word, ...]
    taken: set[int] = field(default_factory=set)

    def text(self, position: int) -> str:
        """Return a word, "" before the first and after the last."""
        return self.words[position].text if 0 <= position < len(self.words) else ""

    def window(self, start: int, end: int) -> Phrase | None:
        """Return the words of a window; None when some do not exist or are already understood."""
        if end > len(self.words) or any(position in self.taken for position in range(start, end)):
            return None
        return tuple(word.text for word in self.words[start:end])

    def preceded_by(self, start: int, expressions: frozenset[Phrase]) -> bool:
        """Tell whether one of these expressions stands just before a word."""
        return any(
            len(words) <= start
            and tuple(word.text for word in self.words[start - len(words) : start]) == words
            for words in expressions
        )

    def take(self, mention: Mention) -> Mention:
        """Note that the words of a mention are understood."""
        self.taken.update(range(mention.start, mention.end))
        return mention


class Finder:
    """Finds places in texts. Built once for a département, since it indexes the names.

    Attributes:
        postal_codes: INSEE codes by postal code.
        parts: the arrondissements of the divided commune (Marseille, Lyon, Paris), by number.
        divided: the INSEE code of that commune, if there is one.
    """

    def __init__(
        self,
        words: PlaceWords,
        names: Iterable[Name],
        *,
        postal_codes: Mapping[str, tuple[str, ...]],
        parts: Mapping[int, str],
        divided: str | None,
    ) -> None:
        self.postal_codes, self.parts, self.divided = postal_codes, parts, divided
        self._by_letters: dict[str, list[Name]] = defaultdict(list)
        self._by_initial: dict[str, list[Name]] = defaultdict(list)
        for name in names:
            self._by_letters[name.letters].append(name)
            if not (name.short or name.ordinary) and name.weight >= LETTERS_WHERE_EXPECTED:
                self._by_initial[name.letters[0]].append(name)
        every_name = [name for group in self._by_letters.values() for name in group]
        self._city = {name.letters for name in every_name if name.places == (divided,)}
        self._longest = max((len(name.words) for name in every_name), default=0)
        self._cues = phrases(words.cues)
        self._long_cues = frozenset(cue for cue in self._cues if len(cue) > 1)
        self._fillers = phrases(words.fillers)
        self._not_after = phrases(words.not_after)
        self._not_places = phrases(words.not_places)
        self._never_misspelt = phrases(words.never_misspelt)
        self._arrondissement = phrases(words.arrondissement_words)
        self._divided_links = phrases(words.divided_links)
        self._endings = phrases(words.ordinal_endings)
        self._other_cities = phrases(words.other_divided_cities)
        self._number_units = phrases(words.number_units)
        self._number_names = phrases(words.number_names)
        self._ordinals = {
            spelling: number
            for number, spellings in words.ordinals.items()
            for spelling in phrases(spellings)
        }

    def find(self, text: str) -> tuple[str, ...]:
        """Return the INSEE codes of the places that a text names, in the order of the text, each once."""
        reading = Reading(words_of(text))
        self._skip_other_expressions(reading)
        codes = [reading.take(mention) for mention in self._postal_codes(reading)]
        named = [reading.take(mention) for mention in self._arrondissements(reading)]
        # The longest first, so that "Câteauneuf-les-Martigues", misspelt, is not read as Martigues.
        for length in range(self._longest + 1, 0, -1):
            for recognise in (self._exact, self._misspelt):
                for start in range(len(reading.words) - length + 1):
                    words = reading.window(start, start + length)
                    found = recognise(reading, start, words) if words else None
                    if found:
                        named.append(reading.take(Mention(start, start + length, found)))
        return self._agreed(codes, named)

    def _skip_other_expressions(self, reading: Reading) -> None:
        for start in range(len(reading.words)):
            for expression in self._not_places:
                if reading.window(start, start + len(expression)) == expression:
                    reading.take(Mention(start, start + len(expression), ()))

    def _postal_codes(self, reading: Reading) -> Iterator[Mention]:
        for position, word in enumerate(reading.words):
            if word.text in self.postal_codes and not self._is_a_quantity(reading, position):
                yield Mention(position, position + 1, self.postal_codes[word.text])

    def _is_a_quantity(self, reading: Reading, position: int) -> bool:
        currency = any(unicodedata.category(mark) == "Sc" for mark in reading.words[position].after)
        unit = (reading.text(position + 1),) in self._number_units
        return currency or unit or reading.preceded_by(position, self._number_names)

    def _arrondissements(self, reading: Reading) -> Iterator[Mention]:
        here = any(word.text in self._city for word in reading.words)
        if not here and any((word.text,) in self._other_cities for word in reading.words):
            return
        for start in range(len(reading.words)):
            number, end, ordinal = self._number(reading, start)
            if number not in self.parts:
                continue
            if (reading.text(end),) in self._arrondissement:
                yield Mention(start, end + 1, (self.parts[number],))
            elif self._is_beside_city(reading, start, end, ordinal=ordinal, number=number):
                yield Mention(start, end, (self.parts[number],))

    def _number(self, reading: Reading, start: int) -> tuple[int, int, bool]:
        """Return the number that begins at a word (0: none), where it ends, and whether it is an ordinal."""
        word = reading.text(start)
        if (word,) in self._ordinals:
            return self._ordinals[(word,)], start + 1, True
        match = re.fullmatch(r"(\d{1,2})(\D*)", word)
        if match is None or (match[2] and (match[2],) not in self._endings):
            return 0, start + 1, False
        if match[2]:
            return int(match[1]), start + 1, True
        apart = reading.words[start].after == " " and (reading.text(start + 1),) in self._endings - {("a",)}
        return int(match[1]), start + 1 + apart, apart

    def _is_beside_city(self, reading: Reading, start: int, end: int, *, ordinal: bool, number: int) -> bool:
        """Tell "Marseille 3e" and "le 3e à Marseille" from a class, as in "en 6e à Marseille"."""
        if ordinal and reading.text(start - 1) == "le" and reading.text(end) in {"a", "de"}:
            return reading.text(end + 1) in self._city
        before = start - 1
        while (reading.text(before),) in self._divided_links:
            before -= 1
        if reading.text(before) not in self._city:
            return False
        # A bare number is one of something else ("Marseille, 3 enfants"), and 13 is the département.
        return ordinal or (end == len(reading.words) and before == start - 1 and number != 13)

    def _exact(self, reading: Reading, start: int, words: Phrase) -> tuple[str, ...] | None:
        names = self._by_letters.get("".join(words), ())
        meant = (name for name in names if self._is_meant(reading, start, start + len(words), name))
        return next((name.places for name in meant), None)

    def _is_meant(self, reading: Reading, start: int, end: int, name: Name) -> bool:
        if len(name.words) == 1 and end - start > 1:  # "au bagne" is no way of writing Aubagne
            return False
        if self._is_longer_or_other(reading, start, end, name):
            return False
        if not name.ordinary:
            return True
        return self._is_cued(reading, start) or self._is_alone(reading, start, end)

    def _is_cued(self, reading: Reading, start: int) -> bool:
        """Tell whether a place is expected. A bare "a" is no "à": French for "has", an article in English."""
        if not reading.preceded_by(start, self._cues):
            return False
        bare = reading.text(start - 1) == "a" and not reading.words[start - 1].accented
        return not bare or reading.preceded_by(start, self._long_cues)

    def _is_longer_or_other(self, reading: Reading, start: int, end: int, name: Name) -> bool:
        """Tell whether the words are a part of another name ("Aix-les-Bains", "rue de Marseille")."""
        after, following = reading.words[end - 1].after, reading.text(end)
        hyphen = after == "-" and not following.isdigit()
        if hyphen and (name.short or following in LONGER_NAME):
            return True
        if name.short and after.isspace() and following in LONGER_SHORT_NAME:
            return True
        before = start
        for _ in range(3):
            if reading.preceded_by(before, self._not_after):
                return True
            if reading.text(before - 1) not in LINKS:
                return False
            before -= 1
        return False

    def _is_alone(self, reading: Reading, start: int, end: int) -> bool:
        others = (position for position in range(len(reading.words)) if not start <= position < end)
        return all(
            position in reading.taken or (reading.text(position),) in self._fillers for position in others
        )

    def _is_expected(self, reading: Reading, start: int, end: int) -> bool:
        before = start - 1 if reading.text(start - 1) in ARTICLES else start
        cued = self._is_cued(reading, start) or self._is_cued(reading, before)
        return cued or self._is_alone(reading, start, end)

    def _misspelt(self, reading: Reading, start: int, words: Phrase) -> tuple[str, ...] | None:
        letters = "".join(words)
        if words in self._never_misspelt or any(character.isdigit() for character in letters):
            return None
        near: list[tuple[int, tuple[str, ...]]] = []
        for name in self._by_initial.get(letters[0], ()):
            if len(name.words) == 1 and len(words) > 1:
                continue
            distance = OSA.distance(letters, name.letters, score_cutoff=2)
            if distance <= 2 and self._is_forgiven(reading, start, start + len(words), name, distance):
                near.append((distance, name.places))
        return min(near)[1] if near else None

    def _is_forgiven(self, reading: Reading, start: int, end: int, name: Name, distance: int) -> bool:
        if self._is_longer_or_other(reading, start, end, name):
            return False
        if distance == 1 and name.weight >= LETTERS_ANYWHERE:
            return True
        forgiven = 2 if name.weight >= LETTERS_FOR_TWO else 1
        return distance <= forgiven and self._is_expected(reading, start, end)

    def _agreed(self, codes: list[Mention], named: list[Mention]) -> tuple[str, ...]:
        """Let names and postal codes make each other precise ("13100 Aix" is one place, not five)."""
        names = {place for mention in named for place in mention.places}
        mentions: list[Mention] = []
        confirmed: set[str] = set()
        for mention in codes:
            both = tuple(p for p in mention.places if p in names or self._whole(p) in names)
            confirmed.update(both, filter(None, map(self._whole, both)))
            mentions.append(Mention(mention.start, mention.end, both or mention.places))
        part_named = any(self._whole(place) for mention in (*mentions, *named) for place in mention.places)
        for mention in named:
            kept = tuple(
                p for p in mention.places if p not in confirmed and not (part_named and p == self.divided)
            )
            agreed = any(place in confirmed for place in mention.places)
            mentions.append(Mention(mention.start, mention.end, () if agreed else kept))
        return tuple(dict.fromkeys(place for mention in sorted(mentions) for place in mention.places))

    def _whole(self, place: str) -> str | None:
        return self.divided if place in self.parts.values() else None
