import subprocess
import sys
from pathlib import Path

import numpy as np

from knowledge.vector_cache import VectorCache

WRITER = """
import sys
from pathlib import Path
import numpy as np
from knowledge.vector_cache import VectorCache
cache = VectorCache(Path(sys.argv[1]))
for n in range(50):
    vector = np.full(384, n, np.float32)
    cache.write({f"{sys.argv[2]}{n}".encode(): vector, f"both{n}".encode(): vector})
"""


def test_what_is_written_is_read_by_another_cache(tmp_path: Path) -> None:
    vector = np.arange(384, dtype=np.float32)
    VectorCache(tmp_path / "a" / "vectors.sqlite").write({b"key": vector})
    found = VectorCache(tmp_path / "a" / "vectors.sqlite").read([b"key", b"absent", b"key"])
    assert list(found) == [b"key"]
    assert np.array_equal(found[b"key"], vector)


def test_more_keys_than_a_query_takes(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite")
    vectors = {f"{n}".encode(): np.full(4, n, np.float32) for n in range(1203)}
    cache.write(vectors)
    assert len(cache.read(list(vectors))) == 1203


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("a", "b")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    keys = [f"{name}{n}".encode() for name in ("a", "b", "both") for n in range(50)]
    found = VectorCache(path).read(keys)
    assert len(found) == 150
    assert all(len(vector) == 384 for vector in found.values())
