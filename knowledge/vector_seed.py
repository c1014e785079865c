"""Vectors that come with the articles, so that a first index takes seconds; seed.py writes them.

Embedding all passages takes minutes on a small machine. The file holds the bundled model's vectors of the
passages at the time it was written, found by the hash of model and text like those of the cache: a passage
that has changed since is simply embedded. Eight bits a number keep the file small (416 bytes a passage) and
the vectors at a cosine of more than 0.9999 with the engine's own.
"""

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

SEED_FILE = Path(__file__).with_name("vectors.npz")


@cache
def read_seed(path: Path = SEED_FILE) -> Mapping[bytes, NDArray[np.float32]]:
    """Return the vectors by key; none when the file is not there."""
    if not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        vectors = stored["numbers"].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        keys = [key.tobytes() for key in stored["keys"]]
    return dict(zip(keys, cast("NDArray[np.float32]", vectors), strict=True))


def write_seed(vectors: Mapping[bytes, NDArray[np.float32]], path: Path = SEED_FILE) -> None:
    """Write vectors by key, in the order of the keys, so that the same vectors give the same file."""
    keys = sorted(vectors)
    rows = np.stack([vectors[key] for key in keys])
    numbers = np.rint(rows / np.abs(rows).max(axis=1, keepdims=True) * 127).astype(np.int8)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez(file, keys=np.array([np.frombuffer(key, np.uint8) for key in keys]), numbers=numbers)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
