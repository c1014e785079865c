"""One generation: a folder that holds an index and what it was made from, and that nothing changes.

It needs no other folder. Beside the vectors and the passages are the articles in force and copies of the
directory and of the texts, so that an answer, its source, its service and its sentences always belong
together, whatever happens to the content folder meanwhile. The manifest holds the hash of every file: half a
generation, or a damaged one, is never taken for a whole one.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from knowledge.article import Article
from knowledge.embedding import Vectors
from knowledge.library import Library
from knowledge.passages import Passage
from knowledge.section_phrases import Phrase, asked_for, load_phrases
from knowledge.vectors import CODES, VECTORS, VectorIndex

MANIFEST = "manifest.json"
_ARTICLES = "articles.json"
_PASSAGES = "passages.json"
_PHRASES, _PHRASE_VECTORS = "phrases.json", "phrases.npy"
_INDEX_FILES = (VECTORS, _PASSAGES, _PHRASES, _PHRASE_VECTORS)

_ARTICLE_LIST = TypeAdapter(tuple[Article, ...])
_PASSAGE_LIST = TypeAdapter(tuple[Passage, ...])
_PHRASE_LIST = TypeAdapter(tuple[Phrase, ...])
Loaded = TypeVar("Loaded")


class IndexUnusableError(RuntimeError):
    """No index, a damaged one, or one built with another model. Building it again is the remedy."""


@dataclass(frozen=True)
class Manifest:
    """What a generation was made of.

    Attributes:
        id: the generation's name, which begins with the time it was built (UTC).
        content: the fingerprint of all that an answer depends on: articles, passages, phrases, companions.
        source: the signature of the content folder it was made from (`content.py`), "" when there was none.
        model: the fingerprint of the embedding model.
        passages: how many there are.
        files: the SHA-256 of each of its files, by its path in the generation's folder.
    """

    id: str
    built: str
    content: str
    source: str
    model: str
    passages: int
    files: Mapping[str, str]


@dataclass(frozen=True)
class Generation:
    """The index of a generation, loaded. Searches may run at once; nothing changes it."""

    manifest: Manifest
    passages: tuple[Passage, ...]
    vectors: VectorIndex
    phrases: tuple[Phrase, ...]
    phrase_vectors: Vectors

    def asked_for(self, question: Vectors) -> Mapping[str, float]:
        """Return how much a question asks for each section, whatever its topic."""
        similarities = (self.phrase_vectors @ question).tolist()
        return asked_for(zip((phrase.section for phrase in self.phrases), similarities, strict=True))


def content_fingerprint(
    articles: Iterable[Article], passages: Iterable[Passage], companions: Mapping[str, bytes]
) -> str:
    """Return a text that changes when anything does that an answer depends on, wherever the files are."""
    named = [replace(article, path=Path(article.path.name)) for article in articles]
    digest = hashlib.sha256(_ARTICLE_LIST.dump_json(tuple(named)))
    digest.update(_PASSAGE_LIST.dump_json(tuple(passages)))
    digest.update(_PHRASE_LIST.dump_json(load_phrases()))
    for name, data in sorted(companions.items()):
        digest.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def write_generation(
    folder: Path,
    articles: Sequence[Article],
    passages: Sequence[Passage],
    companions: Mapping[str, bytes],
    *,
    vectors: Vectors,
    phrase_vectors: Vectors,
    origin: tuple[str, str],
) -> Manifest:
    """Write the files of a generation, the manifest last.

    Args:
        folder: an empty folder.
        articles: those in force.
        passages: theirs.
        companions: the files of the directory and of the texts, by path.
        vectors: one row a passage.
        phrase_vectors: one row a phrase that asks for a section.
        origin: the signature of the content folder, and the fingerprint of the model.
    """
    index_files = VectorIndex.build(vectors).save(folder)
    np.save(folder / _PHRASE_VECTORS, phrase_vectors)
    (folder / _PASSAGES).write_bytes(_PASSAGE_LIST.dump_json(tuple(passages)))
    (folder / _PHRASES).write_bytes(_PHRASE_LIST.dump_json(load_phrases()))
    (folder / _ARTICLES).write_bytes(_ARTICLE_LIST.dump_json(tuple(articles)))
    for name, data in companions.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    content, now = content_fingerprint(articles, passages, companions), datetime.now(UTC)
    source, model = origin
    manifest = Manifest(
        id=f"{now:%Y%m%dT%H%M%S.%f}-{content[:8]}",
        built=now.isoformat(timespec="seconds"),
        content=content,
        source=source,
        model=model,
        passages=len(passages),
        files={
            name: _sha256(folder / name)
            for name in sorted({*_INDEX_FILES, *index_files, _ARTICLES, *companions})
        },
    )
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read what a generation says of itself.

    Raises:
        IndexUnusableError: it cannot be read, or another version of the assistant wrote it.
    """
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        complete = {*_INDEX_FILES, _ARTICLES} <= set(manifest.files)
    except (OSError, ValueError) as error:
        raise IndexUnusableError(f"{folder / MANIFEST}: {error}") from error
    except TypeError as error:
        raise IndexUnusableError(f"{folder}: made by another version of the assistant: {error}") from error
    if not complete:
        raise IndexUnusableError(f"{folder}: made by another version of the assistant")
    return manifest


def load_index(folder: Path) -> Generation:
    """Load what a search needs.

    Raises:
        IndexUnusableError: a file is missing, or differs from what was built.
    """
    manifest = read_manifest(folder)
    _verify(folder, manifest, [name for name in manifest.files if name in (*_INDEX_FILES, CODES)])
    try:
        vectors = VectorIndex.load(folder)
    except (OSError, ValueError) as error:
        raise IndexUnusableError(f"{folder}: {error}") from error
    return Generation(
        manifest=manifest,
        passages=_read(_PASSAGE_LIST, folder / _PASSAGES),
        vectors=vectors,
        phrases=_read(_PHRASE_LIST, folder / _PHRASES),
        phrase_vectors=np.load(folder / _PHRASE_VECTORS),
    )


def load_articles(folder: Path) -> Library:
    """Load the articles in force.

    Raises:
        IndexUnusableError: they are missing, or differ from what was built.
    """
    _verify(folder, read_manifest(folder), [_ARTICLES])
    articles: tuple[Article, ...] = _read(_ARTICLE_LIST, folder / _ARTICLES)
    return Library.in_force(articles)


def verify_companions(folder: Path) -> None:
    """Make sure that the copies of the directory and of the texts are those that were built.

    Raises:
        IndexUnusableError: one is missing, or differs.
    """
    manifest = read_manifest(folder)
    _verify(folder, manifest, set(manifest.files) - {*_INDEX_FILES, CODES, _ARTICLES})


def verify(folder: Path) -> Manifest:
    """Make sure that every file is the one that was built; quicker than loading them.

    Raises:
        IndexUnusableError: one is missing, or differs.
    """
    manifest = read_manifest(folder)
    _verify(folder, manifest, manifest.files)
    return manifest


def _verify(folder: Path, manifest: Manifest, names: Iterable[str]) -> None:
    for name in names:
        try:
            whole = _sha256(folder / name) == manifest.files[name]
        except OSError as error:
            raise IndexUnusableError(f"{folder / name}: {error.strerror}") from error
        if not whole:
            raise IndexUnusableError(f"{folder / name}: differs from what was built")


def _read(adapter: TypeAdapter[Loaded], path: Path) -> Loaded:
    try:
        return adapter.validate_json(path.read_bytes())
    except ValidationError as error:
        raise IndexUnusableError(f"{path}: made by another version of the assistant") from error


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
