"""Finds the vectors nearest to a question's, among thousands or a million.

Up to `EXACT_UP_TO` vectors, a question is compared with each of them. Above, it is first compared with codes
of one bit a dimension (Gao and Long, "RaBitQ", SIGMOD 2024; FAISS's fast scan), many at a time, and the best
of those exactly. All codes that the filter allows are looked at, in one list: no clusters are trained or
probed, so a filter costs no recall, however narrow, and the same vectors always give the same index. Figures
and alternatives: docs/decisions/0014-vector-index.md.
"""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors, calm_threads

EXACT_UP_TO = 20_000  # where both take as long
_REFINED, _REFINED_AT_LEAST = 2, 4000  # vectors compared exactly: times those asked for, and at least
_BLOCK = 50_000  # vectors coded at a time, so that a memory-mapped matrix is never all in memory
VECTORS, CODES = "vectors.npy", "codes.faiss"  # the files of an index; the second of a large one only

Positions = NDArray[np.int64]


class VectorIndex:
    """Vectors of length 1, ready to be searched. Nothing changes it: threads may search at once.

    The vectors themselves stay in a file once loaded (memory-mapped), of which all processes share one copy;
    each holds the codes, 64 bytes a vector of the bundled model.
    """

    def __init__(self, matrix: Vectors, codes: Any | None) -> None:
        """Take what `build` or `load` made.

        Args:
            matrix: shape (vectors, dimension), rows of length 1.
            codes: the codes of the rows, or None to compare all rows exactly.
        """
        self._matrix = matrix
        self._codes: Any = codes

    @classmethod
    def build(cls, vectors: Vectors, *, exact_up_to: int = EXACT_UP_TO) -> Self:
        """Index vectors, which must not change afterwards.

        Args:
            vectors: shape (vectors, dimension), rows of length 1.
            exact_up_to: the number of vectors above which codes are made.
        """
        matrix = np.ascontiguousarray(vectors, np.float32)
        return cls(matrix, _coded(matrix) if len(matrix) > exact_up_to else None)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load what `save` wrote.

        Raises:
            OSError: the vectors are not there.
            ValueError: the files are not of one index.
        """
        matrix = np.asarray(np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False))
        codes = None
        if (folder / CODES).is_file():
            codes = _faiss().read_index(str(folder / CODES))
            if (codes.ntotal, codes.d) != matrix.shape:
                raise ValueError(f"{folder / CODES}: not the codes of {VECTORS}")
        return cls(matrix, codes)

    def save(self, folder: Path) -> tuple[str, ...]:
        """Write the index into a folder that holds none yet.

        Returns:
            The names of the files written.
        """
        np.save(folder / VECTORS, self._matrix)
        if self._codes is None:
            return (VECTORS,)
        _faiss().write_index(self._codes, str(folder / CODES))
        return (VECTORS, CODES)

    def __len__(self) -> int:
        return len(self._matrix)

    def nearest(
        self, question: Vectors, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Positions, Vectors]:
        """Return the positions and the exact cosines of the nearest allowed vectors, best first.

        Args:
            question: a vector of length 1.
            k: how many at most; fewer are returned when fewer are allowed.
            allowed: one truth value a vector; the others are never found.
        """
        if self._codes is None:
            near = self._matrix @ question
            if allowed is None:
                return _best(np.arange(len(near)), near, k)
            positions = np.flatnonzero(allowed)
            return _best(positions, near[positions], k)
        positions = self._likely(question, max(k * _REFINED, _REFINED_AT_LEAST), allowed)
        return _best(positions, self.similarities(question, positions), k)

    def similarities(self, question: Vectors, positions: Positions) -> Vectors:
        """Return the exact cosines of some vectors with a question's; positions in order are read faster."""
        near: Vectors = self._matrix[positions] @ question
        return near

    def _likely(self, question: Vectors, count: int, allowed: NDArray[np.bool_] | None) -> Positions:
        """Return, in order, the positions of the vectors that are nearest by their codes."""
        faiss = _faiss()
        parameters = faiss.IVFRaBitQSearchParameters()
        bits = np.packbits(np.empty(0, np.bool_) if allowed is None else allowed, bitorder="little")
        selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))  # `bits` lives until the end
        if allowed is not None:
            parameters.sel = selector
        _, found = self._codes.search(question[None], min(count, len(self)), params=parameters)
        positions: Positions = np.sort(found[0])
        return positions[np.searchsorted(positions, 0) :]  # FAISS fills up with -1


def _best(positions: Positions, near: Vectors, k: int) -> tuple[Positions, Vectors]:
    """Return the k best, best first, and the first of equals first."""
    if len(near) > k:
        kept = np.argpartition(-near, k)[:k]
        positions, near = positions[kept], near[kept]
    order = np.lexsort((positions, -near))
    return positions[order], near[order]


def _coded(matrix: Vectors) -> Any:
    faiss = _faiss()
    dimension = matrix.shape[1]
    centre = faiss.IndexFlatIP(dimension)
    centre.add(matrix.mean(axis=0)[None])  # codes are of the differences from it
    codes = faiss.IndexIVFRaBitQFastScan(centre, dimension, 1, faiss.METRIC_INNER_PRODUCT)
    codes.train(matrix[:1])  # nothing to learn: the one centre is given
    for start in range(0, len(matrix), _BLOCK):
        codes.add(matrix[start : start + _BLOCK])
    return codes


def _faiss() -> Any:
    """Load FAISS, which only a large index needs."""
    calm_threads()  # before FAISS brings OpenMP in
    import faiss  # noqa: PLC0415

    return faiss
