"""Replaces the files of a layer all at once: another folder is prepared beside it, then takes its place.

Whoever reads the layer, or comes after a crash, finds the old one or the new one, never half of one. Between
the two renames there is none for an instant; should the machine stop just then, the next import puts the old
one back (`recovered`).
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other imports out of a folder meanwhile; the lock leaves no file, and ends with the process.

    Raises:
        BlockingIOError: another import is at work.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def recovered(layer: Path) -> None:
    """Undo what an interrupted replacement has left beside a layer."""
    prepared, previous = _beside(layer)
    if previous.exists() and not layer.exists():
        previous.rename(layer)
    for folder in (prepared, previous):
        shutil.rmtree(folder, ignore_errors=True)


def replace_files(layer: Path, changes: Mapping[Path, str | None]) -> None:
    """Write and remove files of a layer, all or none; the others keep their inode and their date.

    Args:
        layer: the folder, created when absent.
        changes: texts by path inside the layer; None removes the file.
    """
    recovered(layer)
    prepared, previous = _beside(layer)
    try:
        _prepare(layer, prepared, changes)
        if layer.exists():
            layer.rename(previous)
        try:
            prepared.rename(layer)
        except BaseException:
            if previous.exists():
                previous.rename(layer)
            raise
    finally:
        shutil.rmtree(prepared, ignore_errors=True)
        if layer.exists():
            shutil.rmtree(previous, ignore_errors=True)


def _beside(layer: Path) -> tuple[Path, Path]:
    return layer.with_name(f".{layer.name}-new"), layer.with_name(f".{layer.name}-previous")


def _prepare(layer: Path, prepared: Path, changes: Mapping[Path, str | None]) -> None:
    prepared.mkdir(parents=True)
    if layer.exists():
        shutil.copymode(layer, prepared)
    for path in sorted(layer.rglob("*")):
        inside = path.relative_to(layer)
        if inside not in changes and not (path.is_dir() and not path.is_symlink()):
            target = prepared / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            _same_file(path, target)
    for inside, text in changes.items():
        if text is not None:
            target = prepared / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())


def _same_file(path: Path, target: Path) -> None:
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError:  # a file system without hard links
        shutil.copy2(path, target, follow_symlinks=False)
