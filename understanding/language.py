"""The language of a message: what the resident asks for, else what the message is written in.

Written text is identified by py3langid (after Lui and Baldwin, 2012, "langid.py: an off-the-shelf language
identification tool"), limited to the languages we may meet, and between those that we speak by lingua too
(n-grams of up to five letters, which tell short texts apart), with the conversation as prior. One word never
changes the language of a conversation.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from understanding.phrases import Finder, compile_phrase, fold, lines, read

LEXICONS = Path(__file__).parent / "lexicons" / "language"

CANDIDATES = (
    *("fr", "en", "es", "pt", "it", "de", "ar", "tr", "ro", "uk"),
    *("ru", "pl", "nl", "zh", "fa", "hy", "ka", "sq", "sr", "bg", "vi", "ta", "bn", "ur", "ps", "so"),
)
"""What a message may be written in besides what is allowed: the first ten, others frequent here."""

_TOLD_BY_LINGUA = frozenset(CANDIDATES[:11])
"""What lingua always tells apart: our first ten and Russian, so near Ukrainian; each one more costs 25 MB."""

_SHARE_OF_PY3LANGID = {1: 0.1, 2: 0.3}
_SHARE_OF_PY3LANGID_IN_SENTENCES = 1.5
"""What a log-probability of py3langid counts for beside one of lingua's, by the number of words."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi", "dv", "ckb"})

_READ = 1500
"""Characters that are read: enough to be sure, and the model walks them one by one."""

_LOYALTY_OF_TWO_WORDS, _LOYALTY = 3.0, 4.0
"""The log-odds that another language needs over the conversation's, for two words, for more; see README.

More for sentences, where both identifiers count fully and are too sure of themselves: « tu es un robot » is
French in a French conversation, though its words are as Spanish."""

_NEARLY_NOTHING = 1e-9
_ENOUGH_WORDS, _ENOUGH_OF_THE_MESSAGE = 2, 4
"""Known words of Arabic in Latin letters that a message must hold: two, and one word in four."""

_MORE_LIKELY_THAN_NOT = 0.5
_SURE_OF_AN_UNSPOKEN = 0.95
"""Probability above which a language that we do not speak is named; below it, closeness misleads."""

_NOT_LANGUAGE = re.compile(r"\[[A-Z]+\]|https?://\S{1,500}|www\.\S{1,500}|\S{1,64}@\S{1,255}|\S*\d\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ACRONYM = re.compile(r"[A-ZÀ-Ü]{2,6}")
_NEUTRAL = frozenset(
    [
        *(
            "rsa",
            "apa",
            "pch",
            "aah",
            "aeeh",
            "rqth",
            "cmi",
            "mdph",
            "mds",
            "caf",
            "fsl",
            "masp",
            "pmi",
            "ase",
            "msa",
        ),
        *("ok", "okay", "wifi", "mail", "email", "sms", "rdv"),
    ]
)
"""Words that are the same in every language here; they say nothing of the one being written."""


@dataclass(frozen=True)
class Guess:
    """The language to answer in.

    Attributes:
        language: always one of the allowed languages.
        confidence: from 0 (nothing to go by: the prior, or the first allowed language) to 1.
        explicit: the resident asked for this language in so many words.
        other: the language of the message when it is surely one that is not allowed; None otherwise.
    """

    language: str
    confidence: float
    explicit: bool
    other: str | None = None

    @property
    def spoken(self) -> bool:
        """Whether we speak the language of the message, as far as we know."""
        return self.other is None


def detect(text: str, *, allowed: Sequence[str], prior: str | None = None) -> Guess:
    """Return the language of a message, or the one it asks for.

    Args:
        text: the message, cleaned or not, masked or not.
        allowed: the languages we speak, at least one; the first serves when there is nothing else to go by.
        prior: the language of the conversation so far.

    Raises:
        ValueError: `allowed` is empty.
    """
    if not allowed:
        raise ValueError("at least one language must be allowed")
    asked = requested_language(text, allowed=allowed)
    if asked:
        return Guess(asked, 1.0, explicit=True)
    kept = prior if prior in allowed else None
    words = _words(text)
    if not words:
        return Guess(kept or allowed[0], 0.0, explicit=False)
    if (typed := _in_latin_letters(text)) in allowed:
        return Guess(str(typed), _MORE_LIKELY_THAN_NOT, explicit=False)
    found = _posterior(words, frozenset(allowed))
    likeliest = max(found, key=found.__getitem__)
    if likeliest not in allowed and found[likeliest] > _MORE_LIKELY_THAN_NOT:
        sure = len(words) > 2 and found[likeliest] > _SURE_OF_AN_UNSPOKEN
        if sure or kept:
            return Guess(kept or allowed[0], 0.0, explicit=False, other=likeliest if sure else None)
    spoken = _normalised({language: found.get(language, 0.0) for language in allowed})
    best = max(spoken, key=spoken.__getitem__)
    if kept and best != kept and not _convinces(spoken[best], spoken[kept], words):
        best = kept
    return Guess(best, spoken[best], explicit=False)


def requested_language(text: str, *, allowed: Sequence[str]) -> str | None:
    """Return the allowed language that the message asks for ("in English please"), or None.

    A message that names several languages asks for the last one that it requests ("je ne parle pas français,
    parlez-vous anglais ?").
    """
    rules = _rules()
    message = read(text[:_READ])
    named = [token for token in message.tokens if token in rules.names]
    if not named:
        return None
    if all(token in rules.names or token in rules.polite for token in message.tokens):
        return _allowed(named[-1], allowed)
    excluded = [(start, end) for _, start, end in rules.excluded.find(message)]
    asked = [
        (end, [name for name in message.text[start:end].split() if name in rules.names])
        for _, start, end in rules.requests.find(message)
        if not any(first < end <= last for first, last in excluded)
    ]
    return _allowed(max(asked)[1][-1], allowed) if asked else None


def _allowed(name: str, allowed: Sequence[str]) -> str | None:
    language = _rules().names[name]
    return language if language in allowed else None


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Return how the language is written."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True)
class _Rules:
    """How languages are asked for, from all the lexicons."""

    names: dict[str, str]
    polite: frozenset[str]
    requests: Finder
    excluded: Finder
    in_latin_letters: dict[str, frozenset[str]]


@cache
def _rules() -> _Rules:
    lexicons = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in sorted(LEXICONS.glob("*.yml"))}
    names = {fold(name): language for language, lexicon in lexicons.items() for name in lexicon["names"]}

    def finder(key: str) -> Finder:
        phrases = [phrase for lexicon in lexicons.values() for phrase in lines(lexicon[key])]
        return Finder(compile_phrase(phrase, {"name": list(names)}) for phrase in phrases)

    polite = frozenset(fold(word) for lexicon in lexicons.values() for word in lexicon["alone"])
    in_latin_letters = {
        language: frozenset(fold(lexicon["in_latin_letters"]).split())
        for language, lexicon in lexicons.items()
        if "in_latin_letters" in lexicon
    }
    return _Rules(names, polite, finder("requests"), finder("not"), in_latin_letters)


def _in_latin_letters(text: str) -> str | None:
    """Return the language written in another script that a message in Latin letters is surely in, or None."""
    tokens = read(text[:_READ]).tokens
    for language, words in _rules().in_latin_letters.items():
        known = sum(token in words for token in tokens)
        if known >= _ENOUGH_WORDS and known * _ENOUGH_OF_THE_MESSAGE >= len(tokens):
            return language
    return None


def _words(text: str) -> list[str]:
    """Return the words that tell the language: no address, number, acronym or international word."""
    text = _NOT_LANGUAGE.sub(" ", text[:_READ])
    shouted = text.isupper()
    words = _WORD.findall(text)
    return [
        word for word in words if word.lower() not in _NEUTRAL and (shouted or not _ACRONYM.fullmatch(word))
    ]


def _convinces(best: float, kept: float, words: list[str]) -> bool:
    """Return whether the message is worth leaving the conversation's language."""
    if _script(words[0]) != "LATIN":
        return best > kept
    if len(words) < 2:
        return False
    loyalty = _LOYALTY_OF_TWO_WORDS if len(words) == 2 else _LOYALTY
    return math.log(best + _NEARLY_NOTHING) - math.log(kept + _NEARLY_NOTHING) > loyalty


def _script(word: str) -> str:
    return unicodedata.name(word[0], "LATIN").partition(" ")[0]


@cache
def _identifier(languages: frozenset[str]) -> LanguageIdentifier:
    """Load the model once (about a second), and keep only the columns of some languages.

    Reading it is safe between threads: nothing in it changes once it is made.
    """
    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    chosen = [number for number, language in enumerate(whole.nb_classes) if language in languages]
    return LanguageIdentifier(
        np.ascontiguousarray(whole.nb_ptc[:, chosen]),
        whole.nb_pc[chosen],
        [whole.nb_classes[number] for number in chosen],
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )


def warm_up() -> None:
    """Load what `detect` needs, so that the first message does not wait for it."""
    _rules()
    _posterior(["bonjour"], frozenset())  # lingua reads its models at their first use


@cache
def _detector(languages: frozenset[str]) -> LanguageDetector:
    """Return lingua's detector, for the languages that it knows; several threads may use it."""
    codes = (getattr(IsoCode639_1, language.upper(), None) for language in sorted(languages))
    return LanguageDetectorBuilder.from_iso_codes_639_1(*filter(None, codes)).build()


def _posterior(words: Sequence[str], allowed: frozenset[str]) -> dict[str, float]:
    """Return how probable each language is: py3langid over them all, refined by lingua between its own."""
    text = " ".join(words)
    found = _normalised(dict(_identifier(allowed.union(CANDIDATES)).rank(text)))
    share = _SHARE_OF_PY3LANGID.get(len(words), _SHARE_OF_PY3LANGID_IN_SENTENCES)
    scores = {
        code: math.log(value.value + _NEARLY_NOTHING) + share * math.log(found[code] + _NEARLY_NOTHING)
        for value in _detector(allowed | _TOLD_BY_LINGUA).compute_language_confidence_values(text)
        if (code := value.language.iso_code_639_1.name.lower()) in found
    }
    if not scores:
        return found
    # Of one or two words in letters that many languages use, nobody can say that they are of a rarer one.
    few = len(words) in _SHARE_OF_PY3LANGID and _script(words[0]) == "LATIN"
    weight = 1.0 if few else sum(found[code] for code in scores)
    best = max(scores.values())
    refined = _normalised({code: math.exp(score - best) for code, score in scores.items()})
    others = {code: 0.0 if few else share for code, share in found.items() if code not in scores}
    return others | {code: weight * share for code, share in refined.items()}


def _normalised(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {key: weight / total if total else 1 / len(weights) for key, weight in weights.items()}
