"""The index: generations of vectors, each built aside and never changed, one of them current.

A generation is a folder of `index_dir`: the vectors and the passages, the phrases that ask for a section and
their vectors, and a manifest. The file `current` names the one in use and is replaced atomically, so that a
reader finds the old one or the new one, never half of one; the previous ones stay, to go back to.

Vectors are centred: the mean of all passages is subtracted before they are brought back to length 1, and a
question's vector is treated alike. E5's cosines crowd between 0.75 and 0.95; what all passages have in common
carries nothing (Mu and Viswanath, "All-but-the-Top", ICLR 2018), and without it the scores spread out.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from knowledge.article import Audience
from knowledge.embedding import CachedEmbedder, Progress, Vectors, calm_threads
from knowledge.library import Library
from knowledge.passages import Passage, passages_of
from knowledge.section_phrases import Phrase, asked_for, load_phrases

calm_threads()  # before FAISS brings OpenMP in
import faiss  # noqa: E402

KEPT_GENERATIONS = 3  # besides the current one
_CURRENT, _MANIFEST = "current", "manifest.json"
_VECTORS, _MEAN, _PASSAGES = "vectors.faiss", "mean.npy", "passages.jsonl"
_PHRASES, _PHRASE_VECTORS = "phrases.jsonl", "phrases.npy"
_FILES = (_VECTORS, _MEAN, _PASSAGES, _PHRASES, _PHRASE_VECTORS)
_PROBES = 50  # passages that must find themselves before a new generation is used


class IndexUnusableError(RuntimeError):
    """No index, a damaged one, or one built with another model. Building it again is the remedy."""


@dataclass(frozen=True)
class Manifest:
    """What a generation was made of.

    Attributes:
        id: the generation's name, which begins with the time it was built (UTC).
        content: the fingerprint of its passages and phrases.
        model: the fingerprint of the embedding model.
        passages: how many there are.
        files: the SHA-256 of each of its files.
    """

    id: str
    built: str
    content: str
    model: str
    passages: int
    files: Mapping[str, str]


@dataclass(frozen=True)
class Generation:
    """One index, loaded. Searches may run at once; nothing changes it."""

    manifest: Manifest
    passages: tuple[Passage, ...]
    mean: Vectors
    vectors: Any  # faiss.IndexFlatIP, which publishes no types
    phrases: tuple[Phrase, ...]
    phrase_vectors: Vectors

    def nearest(self, question: Vectors, allowed: NDArray[np.bool_]) -> list[tuple[int, float]]:
        """Return all allowed passages as (position, centred cosine), nearest first.

        Args:
            question: the question's vector, of length 1.
            allowed: one truth value a passage; the others are never looked at.
        """
        count = int(np.count_nonzero(allowed))
        if not count:
            return []
        bits = np.packbits(allowed, bitorder="little")
        selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))  # `bits` lives until the end
        parameters: Any = faiss.SearchParameters()
        parameters.sel = selector
        scores, positions = self.vectors.search(centred(question[None], self.mean), count, params=parameters)
        pairs = zip(positions[0].tolist(), scores[0].tolist(), strict=True)
        return [(position, score) for position, score in pairs if position >= 0]  # FAISS fills up with -1

    def asked_for(self, question: Vectors) -> Mapping[str, float]:
        """Return how much a question asks for each section, whatever its topic."""
        similarities = (self.phrase_vectors @ question).tolist()
        return asked_for(zip((phrase.section for phrase in self.phrases), similarities, strict=True))


def centred(vectors: Vectors, mean: Vectors) -> Vectors:
    """Subtract the mean from rows, and bring them back to length 1."""
    moved = vectors - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return cast("Vectors", (moved / np.maximum(lengths, 1e-9)).astype(np.float32))


def passages_in(library: Library) -> tuple[Passage, ...]:
    """Return the passages of all articles in force."""
    return tuple(passage for article in library.winning() for passage in passages_of(article))


def content_fingerprint(passages: Iterable[Passage]) -> str:
    """Return a text that changes when any passage does, or any phrase that asks for a section."""
    digest = hashlib.sha256()
    for lines in (map(_line, passages), map(_line, load_phrases())):
        for line in lines:
            digest.update(line.encode("utf-8"))
    return digest.hexdigest()[:16]


def is_stale(library: Library, index_dir: Path) -> bool:
    """Tell whether the current generation is absent, damaged, or does not hold the library's passages."""
    try:
        manifest = _read_manifest(_current_folder(index_dir))
    except IndexUnusableError:
        return True
    return manifest.content != content_fingerprint(passages_in(library))


def build_index(
    library: Library, embedder: CachedEmbedder, index_dir: Path, *, on_progress: Progress | None = None
) -> Generation:
    """Build a generation aside, check it, and make it the current one.

    Args:
        library: the articles.
        embedder: the model; only passages it has never seen are embedded.
        index_dir: the folder of the generations.
        on_progress: called with (passages embedded, passages in all).

    Raises:
        IndexUnusableError: there is nothing to index, or what was written does not find its own passages; the
            current generation stays.
    """
    passages = passages_in(library)
    if not passages:
        raise IndexUnusableError("there is no valid article to index")
    vectors = embedder.passages([passage.text for passage in passages], on_progress=on_progress)
    phrase_vectors = embedder.phrases([phrase.text for phrase in load_phrases()])
    index_dir.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".building-", dir=index_dir))
    try:
        manifest = _write(aside, passages, vectors, phrase_vectors, embedder.fingerprint)
        generation = _load(aside)
        _check(generation, vectors)
        _sync(aside)
        aside.replace(index_dir / manifest.id)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _point_to(index_dir, manifest.id)
    _prune(index_dir)
    return generation


def load_generation(index_dir: Path) -> Generation:
    """Load the current generation.

    Raises:
        IndexUnusableError: there is none, or a file differs from what was built.
    """
    return _load(_current_folder(index_dir))


def _current_folder(index_dir: Path) -> Path:
    try:
        name = (index_dir / _CURRENT).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise IndexUnusableError(f"no index in {index_dir}") from error
    return index_dir / Path(name).name


def _line(item: Passage | Phrase) -> str:
    return json.dumps(asdict(item), ensure_ascii=False) + "\n"


def _write(
    folder: Path, passages: Sequence[Passage], vectors: Vectors, phrase_vectors: Vectors, model: str
) -> Manifest:
    mean = vectors.mean(axis=0)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(centred(vectors, mean))
    faiss.write_index(index, str(folder / _VECTORS))
    np.save(folder / _MEAN, mean)
    (folder / _PASSAGES).write_text("".join(map(_line, passages)), encoding="utf-8")
    (folder / _PHRASES).write_text("".join(map(_line, load_phrases())), encoding="utf-8")
    np.save(folder / _PHRASE_VECTORS, phrase_vectors)
    content, now = content_fingerprint(passages), datetime.now(UTC)
    manifest = Manifest(
        id=f"{now:%Y%m%dT%H%M%S.%f}-{content[:8]}",
        built=now.isoformat(timespec="seconds"),
        content=content,
        model=model,
        passages=len(passages),
        files={name: _sha256(folder / name) for name in _FILES},
    )
    (folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return manifest


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_manifest(folder: Path) -> Manifest:
    try:
        return Manifest(**json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise IndexUnusableError(f"{folder / _MANIFEST}: {error}") from error


def _load(folder: Path) -> Generation:
    manifest = _read_manifest(folder)
    if set(manifest.files) != set(_FILES):
        raise IndexUnusableError(f"{folder}: made by another version of the assistant")
    for name, digest in manifest.files.items():
        try:
            whole = _sha256(folder / name) == digest
        except OSError as error:
            raise IndexUnusableError(f"{folder / name}: {error.strerror}") from error
        if not whole:
            raise IndexUnusableError(f"{folder / name}: differs from what was built")
    return Generation(
        manifest=manifest,
        passages=tuple(_passage(values) for values in _read_lines(folder / _PASSAGES)),
        mean=np.load(folder / _MEAN),
        vectors=faiss.read_index(str(folder / _VECTORS)),
        phrases=tuple(Phrase(**values) for values in _read_lines(folder / _PHRASES)),
        phrase_vectors=np.load(folder / _PHRASE_VECTORS),
    )


def _read_lines(path: Path) -> list[dict[str, Any]]:
    # Not str.splitlines: it also cuts at characters that JSON leaves as they are.
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def _passage(values: dict[str, Any]) -> Passage:
    return Passage(**{**values, "audience": Audience(values["audience"])})


def _check(generation: Generation, vectors: Vectors) -> None:
    """A passage asked as a question must come first, or tie: anything else means that rows are mixed up."""
    everything = np.ones(len(vectors), dtype=np.bool_)
    for position in range(0, len(vectors), max(1, len(vectors) // _PROBES)):
        best = generation.nearest(vectors[position], everything)
        scores = dict(best)
        if position not in scores or scores[position] < best[0][1] - 1e-4:
            raise IndexUnusableError(f"passage {position} does not find itself")


def _sync(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _point_to(index_dir: Path, name: str) -> None:
    handle, path = tempfile.mkstemp(prefix=".current-", dir=index_dir)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{name}\n")
        file.flush()
        os.fsync(file.fileno())
    Path(path).replace(index_dir / _CURRENT)


def _prune(index_dir: Path) -> None:
    current = _current_folder(index_dir)
    names = sorted(path.name for path in index_dir.iterdir() if (path / _MANIFEST).is_file())
    older = [name for name in names if not name.startswith(".") and name < current.name]
    for name in older[:-KEPT_GENERATIONS]:
        shutil.rmtree(index_dir / name, ignore_errors=True)
