"""Keeps the vectors of passages between runs, by the hash of the model and the text.

One SQLite file: it is the one store of the standard library that stays whole when two processes write at
once, or one is killed while writing, and it reads a few thousand rows in milliseconds. It must be on a local
disk (SQLite's locks do not hold on all network file systems). Deleting it is safe: everything in it can be
computed again.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BUSY_SECONDS = 60  # how long a writer waits for another one
_KEYS_A_QUERY = 500  # below SQLite's oldest limit on parameters, 999


class VectorCache:
    """Vectors by key, in a file that several processes may share."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._open() as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as database, database:
            yield database

    def read(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Return the vectors of the keys that are known."""
        found: dict[bytes, NDArray[np.float32]] = {}
        unique = sorted(set(keys))
        with self._open() as database:
            for start in range(0, len(unique), _KEYS_A_QUERY):
                part = unique[start : start + _KEYS_A_QUERY]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608  # marks only
                found |= {key: np.frombuffer(blob, np.float32) for key, blob in database.execute(query, part)}
        return found

    def write(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Add vectors; a key that another process has just added keeps its vector."""
        rows = [(key, np.ascontiguousarray(vector, np.float32).tobytes()) for key, vector in vectors.items()]
        with self._open() as database:
            database.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
