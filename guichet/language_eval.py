"""`guichet language eval`: how well languages are told apart, on labelled texts that anybody may bring."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guichet.console import JsonOption, fail

if TYPE_CHECKING:
    from knowledge.evaluation.measures import Share

app = typer.Typer(help="How the language of a message is found.", no_args_is_help=True)

OURS = "guichet"
ALL = "all"


@dataclass(frozen=True)
class Labelled:
    """A text, the language it is in, and what kind of text it is (sentences, single words…)."""

    text: str
    language: str
    kind: str


@app.command(name="eval")
def evaluate(
    data: Annotated[
        list[Path],
        typer.Option("--data", "-d", help="Texts, one JSON object a line; may be repeated."),
    ],
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Compare with py3langid alone and lingua alone.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure the identification of languages, without any conversation before the text.

    A line is {"text", "lang"} and may have "kind". Every way chooses among the languages of the file. Shares
    are followed by Wilson's 95 % interval; `macro` is the mean over the languages.
    """
    texts = _read(data)
    languages = tuple(dict.fromkeys(text.language for text in texts))
    ways = _ways(languages) if baselines else {OURS: _ours(languages)}
    measured = {name: _right(way, texts) for name, way in ways.items()}
    if as_json:
        typer.echo(json.dumps(_as_json(texts, measured), ensure_ascii=False))
        return
    for line in _report(texts, measured):
        typer.echo(line)


def _read(paths: Iterable[Path]) -> list[Labelled]:
    texts = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            fail(f"{path}: {error}")
        for number, line in enumerate(lines, start=1):
            if line.strip():
                texts.append(_labelled(line, f"{path}:{number}"))
    if not texts:
        fail("there is no text to identify")
    return texts


def _labelled(line: str, where: str) -> Labelled:
    try:
        row = json.loads(line)
        text, language, kind = row["text"], row["lang"], row.get("kind", ALL)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fail(f'{where}: expected an object with "text" and "lang" ({error})')
    if not all(isinstance(value, str) for value in (text, language, kind)):
        fail(f'{where}: "text", "lang" and "kind" must be strings')
    return Labelled(text, language, kind)


def _ours(languages: Sequence[str]) -> Callable[[str], str]:
    from understanding.language import detect  # noqa: PLC0415 - slow to load

    return lambda text: detect(text, allowed=languages).language


def _ways(languages: Sequence[str]) -> dict[str, Callable[[str], str]]:
    """Ours, then each identifier alone, made from the package as its own documentation says."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder  # noqa: PLC0415 - slow to load
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - slow to load

    alone = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    alone.set_languages(list(languages))
    codes = (getattr(IsoCode639_1, language.upper()) for language in languages)
    detector = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()

    def by_lingua(text: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else ""

    return {
        OURS: _ours(languages),
        "py3langid": lambda text: str(alone.classify(text)[0]),
        "lingua": by_lingua,
    }


def _right(way: Callable[[str], str], texts: Sequence[Labelled]) -> list[bool]:
    return [way(text.text) == text.language for text in texts]


def _by(texts: Sequence[Labelled], right: Sequence[bool]) -> Mapping[str, Mapping[str, "Share"]]:
    """Return the share of texts identified, by kind, then by language, `all` being all of them."""
    from knowledge.evaluation.measures import share  # noqa: PLC0415 - slow to load

    outcomes: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for text, outcome in zip(texts, right, strict=True):
        outcomes[text.kind][ALL].append(outcome)
        outcomes[text.kind][text.language].append(outcome)
    return {
        kind: {language: share(each) for language, each in languages.items()}
        for kind, languages in outcomes.items()
    }


def _macro(shares: Mapping[str, "Share"]) -> float:
    each = [share.value for language, share in shares.items() if language != ALL]
    return sum(each) / len(each)


def _report(texts: Sequence[Labelled], measured: Mapping[str, Sequence[bool]]) -> Iterable[str]:
    found = {name: _by(texts, right) for name, right in measured.items()}
    for kind, shares in found[OURS].items():
        yield f"{kind}, {shares[ALL].questions} texts"
        for name, every in found.items():
            here = every[kind]
            worst = min((share.value, language) for language, share in here.items() if language != ALL)
            yield f"  {name:10} {here[ALL]}  macro {_macro(here):.3f}  worst {worst[1]} {worst[0]:.3f}"
        for language in sorted(set(shares) - {ALL}):
            yield f"    {language}  {shares[language]}"


def _as_json(
    texts: Sequence[Labelled], measured: Mapping[str, Sequence[bool]]
) -> dict[str, dict[str, dict[str, float]]]:
    return {
        name: {
            kind: {language: share.value for language, share in shares.items()} | {"macro": _macro(shares)}
            for kind, shares in _by(texts, right).items()
        }
        for name, right in measured.items()
    }
