"""What a running process answers from: always one whole generation, replaced when another becomes current.

    live = LiveKnowledge(settings)
    live.start()
    knowledge = live.current()   # once a turn: it stays the same until the turn is over

`current` never waits. A thread of its own looks at the file `current` of the index, loads what it names and
warms it, and only then replaces the reference. A generation that cannot be loaded is logged, and the one in
use goes on. The old one is freed when the last turn that uses it is over.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from knowledge.compose import Composer
from knowledge.content import COMPANIONS
from knowledge.directory import Directory, load_directory
from knowledge.embedding import CachedEmbedder, Encoder, load_question_encoder
from knowledge.generation import read_manifest
from knowledge.index import (
    IndexUnusableError,
    current_id,
    generation_folder,
    load_articles_of,
    verify_companions,
)
from knowledge.library import Library, load_library
from knowledge.places import Places, load_places
from knowledge.search import Search, open_search
from knowledge.settings import KnowledgeSettings
from knowledge.texts import Texts, load_texts
from knowledge.yaml_files import ContentError

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.2
TRY_AGAIN_SECONDS = 10.0

Warm = Callable[["Knowledge"], None]


class LazySearch:
    """A search that is opened when it is first asked for: its vectors weigh more than all the rest."""

    def __init__(self, open_: Callable[[], Search]) -> None:
        self._open = open_
        self._lock = threading.Lock()
        self._opened: Search | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody has asked for it."""
        return self._opened is not None

    def get(self) -> Search:
        """Return the search.

        Raises:
            IndexUnusableError: the index is damaged, or built with another model.
        """
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened


@dataclass(frozen=True)
class Knowledge:
    """One generation, loaded: what is said from it belongs together.

    Attributes:
        generation: its name; None when no index could be loaded, and the content folder was read instead.
        composer: composes replies from its articles, its directory and its texts.
        places: its places.
        lazy_search: its search, opened at its first use.
    """

    generation: str | None
    composer: Composer
    places: Places
    lazy_search: LazySearch

    @property
    def search(self) -> Search:
        """The search; slow the first time, unless it was warmed.

        Raises:
            IndexUnusableError: there is no index, or it cannot be used.
        """
        return self.lazy_search.get()

    @property
    def library(self) -> Library:
        """The articles in force."""
        return self.composer.library

    @property
    def directory(self) -> Directory:
        """The services."""
        return self.composer.directory

    @property
    def texts(self) -> Texts:
        """The catalogues."""
        return self.composer.texts


@dataclass(frozen=True)
class Companions:
    """The directory, the texts and the places of a generation, and the hashes of their files."""

    files: Mapping[str, str]
    directory: Directory
    texts: Texts
    places: Places


class LiveKnowledge:
    """The current generation, for all the threads of a process."""

    def __init__(
        self,
        settings: KnowledgeSettings,
        *,
        searches: bool = True,
        encoder: Encoder | None = None,
        warm: Warm | None = None,
    ) -> None:
        """Load the current generation.

        Args:
            settings: where the index is.
            searches: whether this process exists to search: it then needs an index, and opens each search
                before it is used. Otherwise a missing index is no obstacle (the content folder is read), and
                the search is opened when somebody first asks for it.
            encoder: embeds the questions; by default the lightest one that serves the model of the settings.
            warm: called with each generation before it is used, in no turn's time; what it raises keeps that
                generation out.

        Raises:
            IndexUnusableError: `searches`, and there is no index that can be.
            ContentError: the directory or the texts cannot be read.
        """
        self._settings, self._searches, self._encoder = settings, searches, encoder
        self._warm: Warm = warm or (lambda _: None)
        self._embedder: CachedEmbedder | None = None
        self._failed: tuple[str, float] = ("", 0.0)
        self._companions: Companions | None = None
        self._lock = threading.Lock()
        self._embedder_lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="live-knowledge", daemon=True)
        self._current = self._first()

    def current(self) -> Knowledge:
        """Return the generation to answer from; never waits."""
        return self._current

    def embedder(self) -> CachedEmbedder:
        """Return the embedder that all generations share."""
        with self._embedder_lock:
            if self._embedder is None:
                model = self._settings.embedding_model
                encoder = self._encoder or load_question_encoder(model)
                self._embedder = CachedEmbedder(encoder, self._settings.cache_dir, model=model)
            return self._embedder

    def refresh(self) -> Knowledge:
        """Look whether another generation is current, load it if so, return the one to answer from."""
        with self._lock:
            try:
                wanted = current_id(self._settings.index_dir)
            except IndexUnusableError:
                return self._current  # removed, or not yet there: what is loaded still answers
            if wanted != self._current.generation and not self._has_just_failed(wanted):
                self._take(wanted)
            return self._current

    def start(self) -> None:
        """Follow the index in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End that thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _follow(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.refresh()
            except Exception:  # whatever is wrong with the next generation, this one goes on
                log.exception("generation_not_followed")

    def _take(self, wanted: str) -> None:
        began = time.perf_counter()
        try:
            found = self._load(wanted)
            if self._searches or self._current.lazy_search.is_open:
                found.lazy_search.get()
            self._warm(found)
        except Exception as error:  # noqa: BLE001 - a generation that fails in any way is not used
            if self._failed[0] != wanted:
                kept = self._current.generation
                log.error("generation_not_loaded", generation=wanted, kept=kept, reason=str(error))
            self._failed = (wanted, time.monotonic())
            return
        self._current, self._failed = found, ("", 0.0)
        log.info("generation_in_use", generation=wanted, seconds=round(time.perf_counter() - began, 3))

    def _has_just_failed(self, wanted: str) -> bool:
        name, when = self._failed
        return name == wanted and time.monotonic() - when < TRY_AGAIN_SECONDS

    def _first(self) -> Knowledge:
        try:
            found = self._load(current_id(self._settings.index_dir))
            if self._searches:
                found.lazy_search.get()
        except IndexUnusableError as error:
            if self._searches:
                raise
            log.warning("no_index", reason=str(error))
            found = self._from_content()
        self._warm(found)
        return found

    def _load(self, generation: str) -> Knowledge:
        index_dir = self._settings.index_dir
        folder = generation_folder(index_dir, generation)
        library = load_articles_of(index_dir, generation)
        lazy = LazySearch(
            lambda: open_search(
                self._settings, embedder=self.embedder(), library=library, generation=generation
            )
        )
        companions = self._companions_of(folder)
        composer = Composer(library, companions.directory, companions.texts)
        return Knowledge(generation, composer, companions.places, lazy)

    def _companions_of(self, folder: Path) -> Companions:
        """Read what goes with the articles, unless its files are those of the generation before."""
        verify_companions(folder)
        files = {
            name: digest
            for name, digest in read_manifest(folder).files.items()
            if name.split("/")[0] in COMPANIONS
        }
        if self._companions is None or self._companions.files != files:
            try:
                self._companions = _read_companions(folder, files, self._settings.departement)
            except ContentError as error:
                raise IndexUnusableError(f"{folder}: {error}") from error
        return self._companions

    def _from_content(self) -> Knowledge:
        settings = self._settings
        library, problems = load_library(
            settings.content_dir, settings.languages, national_max_age=settings.national_max_age
        )
        for problem in problems:
            log.warning("knowledge_problem", problem=str(problem))
        lazy = LazySearch(lambda: open_search(settings, embedder=self.embedder()))
        found = _read_companions(settings.content_dir, {}, settings.departement)
        return Knowledge(None, Composer(library, found.directory, found.texts), found.places, lazy)


def _read_companions(folder: Path, files: Mapping[str, str], departement: str) -> Companions:
    directory, _ = load_directory(folder, departement)
    return Companions(files, directory, load_texts(folder), load_places(folder, departement))
