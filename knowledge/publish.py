"""Publishes the content folder: reads it, refuses it while a file is wrong, else builds the next generation.

`python -m knowledge.publish` does it once, at low priority; knowledge/keeper.py does it whenever a file
changes; `guichet kb index` is the same for people. Several processes may try at once: a lock in the index
folder lets one of them build, and the others then find that there is nothing left to do.
"""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from knowledge.content import Content, ContentReader
from knowledge.embedding import CachedEmbedder, IndexingEncoder, Progress, fingerprint
from knowledge.index import (
    IndexUnusableError,
    Manifest,
    build_index,
    current_id,
    current_manifest,
    generation_ids,
    is_stale,
    load_articles_of,
    load_generation,
    point_to,
    replace_file,
)
from knowledge.problems import Problem, Severity
from knowledge.settings import KnowledgeSettings

_LOCK, _ERRORS, _HELD = "lock", "errors.json", "held"
_NICE = 10  # a whole index in the background must not slow the answers


class ContentRefusedError(IndexUnusableError):
    """A file of the content folder is wrong; the last good generation keeps answering.

    Attributes:
        problems: what to correct, each with its file, line, field and reason.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        lines = "\n".join(str(problem) for problem in problems)
        super().__init__(f"not published, the last good generation keeps answering:\n{lines}")
        self.problems = problems


class TooManyToEmbedError(RuntimeError):
    """More passages are new than whoever publishes may embed."""


class Outcome(StrEnum):
    """What came of a publication."""

    BUILT = "built"
    UNCHANGED = "unchanged"
    """The current generation is made of this content already."""
    HELD = "held"
    """Somebody went back to an older generation, and the content has not changed since."""


class IndexState(StrEnum):
    """How the index stands to the content folder."""

    UP_TO_DATE = "up to date"
    STALE = "older than the content"
    HELD = "held back"
    REFUSED = "older than the content, which has errors"
    UNUSABLE = "absent, damaged, or of another model"


@dataclass(frozen=True)
class Published:
    """The generation that answers after a publication, and what is wrong in the content folder."""

    outcome: Outcome
    manifest: Manifest
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Errors that did not keep it from being published, since nothing else could answer."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


@dataclass(frozen=True)
class ContentErrors:
    """The errors that the last publication found, kept beside the index until they are corrected.

    Attributes:
        signature: of the content folder that has them.
        since: when they were found (UTC).
        problems: one line each: file, line, field, reason.
    """

    signature: str
    since: str
    problems: tuple[str, ...]


class Publisher:
    """Publishes one content folder. It stays warm: a second publication reads only what has changed."""

    def __init__(self, settings: KnowledgeSettings, embedder: CachedEmbedder) -> None:
        self._index_dir = settings.index_dir
        self._reader = ContentReader(settings)
        self._embedder = embedder

    def signature(self) -> str:
        """Return a text that changes with any file of the content folder."""
        return self._reader.signature()

    def publish(
        self,
        *,
        always: bool = False,
        at_most: int | None = None,
        today: date | None = None,
        on_progress: Progress | None = None,
    ) -> Published:
        """Make the content folder what the assistant answers from.

        Args:
            always: build even what is unchanged, and what a return to an older generation holds back.
            at_most: how many passages may be embedded.
            today: the day that the age of the State's sheets is counted to; by default the present one.
            on_progress: called with (passages embedded, passages in all).

        Raises:
            ContentRefusedError: a file is wrong, and there is a good generation to go on with.
            TooManyToEmbedError: more than `at_most` passages are new.
            IndexUnusableError: there is nothing to index, or the vectors are of no use.
        """

        def count(done: int, total: int) -> None:
            if at_most is not None and total - done > at_most:
                raise TooManyToEmbedError(f"{total - done} passages to embed")
            if on_progress is not None:
                on_progress(done, total)

        with _only_one(self._index_dir):
            content = self._reader.read(today=today)
            usable = _usable(self._index_dir, self._embedder.fingerprint)
            self._note_errors(content)
            if usable and not always and _is_held(self._index_dir, content.signature):
                return Published(Outcome.HELD, usable, content.problems)
            if usable and content.errors:
                raise ContentRefusedError(content.errors)
            if usable and not always and self._holds(usable, content):
                return Published(Outcome.UNCHANGED, usable, content.problems)
            built = build_index(
                content.library,
                self._embedder,
                self._index_dir,
                companions=content.companions,
                source=content.signature,
                cut=self._reader.cut,
                on_progress=count,
            )
            (self._index_dir / _HELD).unlink(missing_ok=True)
        return Published(Outcome.BUILT, built.manifest, content.problems)

    def _holds(self, usable: Manifest, content: Content) -> bool:
        """Tell whether a generation is made of this content by this version of the assistant."""
        if usable.source != content.signature:
            return False  # known at little cost, when every tenth of a second counts
        return not is_stale(content.library, self._index_dir, content.companions, self._reader.cut)

    def _note_errors(self, content: Content) -> None:
        path, lines = self._index_dir / _ERRORS, tuple(map(str, content.errors))
        known = content_errors(self._index_dir)
        if not lines:
            path.unlink(missing_ok=True)
        elif known is None or known.problems != lines:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            errors = ContentErrors(content.signature, now, lines)
            replace_file(path, json.dumps(asdict(errors), ensure_ascii=False, indent=1))


def content_errors(index_dir: Path) -> ContentErrors | None:
    """Return the errors that the last publication found in the content folder; None when there was none."""
    try:
        values = json.loads((index_dir / _ERRORS).read_text(encoding="utf-8"))
        return ContentErrors(**{**values, "problems": tuple(values["problems"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def roll_back(settings: KnowledgeSettings, model: str, generation_id: str | None = None) -> str:
    """Go back to an older generation; it stays until the content folder changes.

    Args:
        settings: where the index and the content are.
        model: the fingerprint of the embedding model in use.
        generation_id: the generation; by default the one before the current one.

    Returns:
        The generation that is now the current one.

    Raises:
        IndexUnusableError: there is no such generation, it is damaged, or of another model.
    """
    index_dir = settings.index_dir
    with _only_one(index_dir):
        if generation_id is None:
            current = current_id(index_dir)
            older = [name for name in generation_ids(index_dir) if name < current]
            if not older:
                raise IndexUnusableError("there is no older generation")
            generation_id = older[-1]
        elif generation_id not in generation_ids(index_dir):
            kept = ", ".join(generation_ids(index_dir))
            raise IndexUnusableError(f"there is no generation {generation_id}; these are kept: {kept}")
        manifest = load_generation(index_dir, generation_id).manifest
        load_articles_of(index_dir, generation_id)
        if manifest.model != model:
            raise IndexUnusableError(f"{generation_id} was built with {manifest.model}, not {model}")
        replace_file(index_dir / _HELD, f"{ContentReader(settings).signature()}\n")
        point_to(index_dir, generation_id)
    return generation_id


def index_state(settings: KnowledgeSettings) -> tuple[IndexState, str | None]:
    """Tell how the index stands to the content folder, and the generation that answers; changes nothing."""
    usable = _usable(settings.index_dir, fingerprint(settings.embedding_model))
    if usable is None:
        return IndexState.UNUSABLE, None
    content = ContentReader(settings).read()
    if _is_held(settings.index_dir, content.signature):
        return IndexState.HELD, usable.id
    if not is_stale(content.library, settings.index_dir, content.companions):
        return IndexState.UP_TO_DATE, usable.id
    return (IndexState.REFUSED if content.errors else IndexState.STALE), usable.id


def _usable(index_dir: Path, model: str) -> Manifest | None:
    """Return the current generation if the assistant can answer with it."""
    try:
        manifest = current_manifest(index_dir)
    except IndexUnusableError:
        return None
    return manifest if manifest.model == model else None


def _is_held(index_dir: Path, signature: str) -> bool:
    held = index_dir / _HELD
    return held.exists() and held.read_text(encoding="utf-8").strip() == signature


@contextmanager
def _only_one(index_dir: Path) -> Iterator[None]:
    """Wait until no other process, and no other thread, publishes into this folder."""
    index_dir.mkdir(parents=True, exist_ok=True)
    handle = os.open(index_dir / _LOCK, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # given back with the handle, even by a process that is killed
        yield
    finally:
        os.close(handle)


def main() -> int:
    """Publish once, with the settings of the environment; return 1 when refused."""
    os.nice(_NICE)
    settings = KnowledgeSettings()
    model = settings.embedding_model
    embedder = CachedEmbedder(IndexingEncoder(model), settings.cache_dir, model=model)
    try:
        published = Publisher(settings, embedder).publish()
    except IndexUnusableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{published.outcome}: generation {published.manifest.id}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
