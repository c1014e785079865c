"""The lemmas of French words: "droits" and "droit" are one word, and so are "paie", "payé" and "payer".

spaCy finds them when a table is made, one word at a time and not in its sentence, so that a question and an
article that hold the same word always get the same lemma. The tables are read when somebody asks: spaCy takes
seconds and 150 MB to load, which no answer waits for.

`python -m knowledge.lemmas` writes lemmas_fr.tsv again from the articles and from Rasa's examples. A word
that is not there keeps its stem.
"""

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from knowledge.words import plain

LEMMAS_FILE = Path(__file__).with_name("lemmas_fr.tsv")
MODEL = "fr_core_news_md"
_RASA_EXAMPLES = Path(__file__).parents[1] / "bot/data/nlu/fr"


@cache
def french_lemmas(path: Path = LEMMAS_FILE) -> Mapping[str, str]:
    """Read the table: the lemma of each word, both as `words.plain` writes them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line)


def lemmatise(forms: Iterable[str]) -> dict[str, str]:
    """Return the lemma of each word, by spaCy.

    Args:
        forms: words with their accents ("élèves"); without them they are often unknown to spaCy.

    Returns:
        The lemmas by word, both as `words.plain` writes them. When two words are written alike without their
        accents, the first one decides.
    """
    import spacy  # noqa: PLC0415  # slow and large: only where lemmas are made

    nlp = spacy.load(MODEL, disable=["parser", "ner"])
    unique = list(dict.fromkeys(form.casefold() for form in forms))
    found: dict[str, str] = {}
    for form, document in zip(unique, nlp.pipe(unique, batch_size=256), strict=True):
        lemma = plain(document[0].lemma_) if len(document) == 1 else ""
        found.setdefault(plain(form), lemma or plain(form))
    return found


def forms_of(texts: Iterable[str]) -> list[str]:
    """Return the different words of texts with their accents, the most frequent first; no numbers."""
    counts: dict[str, int] = {}
    for text in texts:
        for piece in text.casefold().replace("\u2019", "'").replace("'", " ").split():
            form = piece.strip('.,;:!?«»()[]"…-–/*•')
            if form.isalpha() and len(form) > 1:
                counts[form] = counts.get(form, 0) + 1
    return sorted(counts, key=lambda form: (-counts[form], form))


def main() -> int:
    """Write the table again."""
    from knowledge.index import passages_in  # noqa: PLC0415  # brings FAISS
    from knowledge.library import load_library  # noqa: PLC0415
    from knowledge.settings import KnowledgeSettings  # noqa: PLC0415

    library, _ = load_library(KnowledgeSettings().content_dir, ("fr",))
    texts = [passage.text for passage in passages_in(library)]
    texts += [path.read_text(encoding="utf-8") for path in sorted(_RASA_EXAMPLES.glob("*.yml"))]
    table = lemmatise(forms_of(texts))
    lines = (f"{form}\t{lemma}\n" for form, lemma in sorted(table.items()))
    LEMMAS_FILE.write_text("".join(lines), encoding="utf-8")
    sys.stdout.write(f"{LEMMAS_FILE}: {len(table)} words\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
