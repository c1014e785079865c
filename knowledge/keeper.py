"""Publishes the content folder whenever a file in it is saved: saving is enough.

A thread watches the folder (watchfiles: the system's own notices, or polling with
WATCHFILES_FORCE_POLLING=true, for network disks that send none), waits until the writing is over, and
publishes with what stays warm in memory: one changed article costs one parse and its new passages. Many new
passages are embedded by another process, at low priority. Somebody may have gone back to an older generation:
nothing is published then until the folder changes.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import structlog
from watchfiles import watch

from knowledge.embedding import CachedEmbedder, Encoder
from knowledge.index import IndexUnusableError
from knowledge.publish import Outcome, Publisher, TooManyToEmbedError
from knowledge.settings import KnowledgeSettings

log = structlog.get_logger(__name__)

QUIET_MILLISECONDS = 50  # nothing more is written for this long: the saving is over
LONGEST_GROUP_MILLISECONDS = 1_600  # files that keep being written do not put publishing off for ever
LOOK_SECONDS = 10  # what a missed notice, or a new day, costs at most
EMBEDDED_HERE = 64  # passages; more would keep the processor from answers for too long
AT_ONCE = 2
_PARIS = ZoneInfo("Europe/Paris")


class Keeper:
    """Watches one content folder."""

    def __init__(
        self,
        settings: KnowledgeSettings,
        encoder: Encoder,
        *,
        on_published: Callable[[], object] = lambda: None,
        embedded_here: int = EMBEDDED_HERE,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            settings: the folder, and where its index is.
            encoder: the model that answers questions, which embeds a few passages too.
            on_published: called once another generation is current.
            embedded_here: how many new passages are embedded in this process.
        """
        self._settings, self._on_published, self._embedded_here = settings, on_published, embedded_here
        embedder = CachedEmbedder(TwoAtOnce(encoder), settings.cache_dir, model=settings.embedding_model)
        self._publisher = Publisher(settings, embedder)
        self._attended: tuple[str, date] | None = None
        self._told = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def start(self) -> None:
        """Watch, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End that thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def attend(self) -> None:
        """Publish if a file has changed since the last time, or if the day has."""
        began = time.perf_counter()
        now = (self._publisher.signature(), datetime.now(_PARIS).date())
        if now == self._attended:
            return
        try:
            published = self._publisher.publish(at_most=self._embedded_here, today=now[1])
        except IndexUnusableError as error:
            self._tell(str(error))
        except TooManyToEmbedError as error:
            log.info("generation_built_apart", reason=str(error))
            self._publish_apart()
        else:
            self._told = ""
            seconds = round(time.perf_counter() - began, 3)
            if published.outcome is Outcome.BUILT:
                log.info("generation_built", generation=published.manifest.id, seconds=seconds)
            elif published.outcome is Outcome.HELD:
                log.info("generation_held", generation=published.manifest.id)
        self._attended = now
        self._on_published()

    def _keep(self) -> None:
        while not self._stop.is_set():
            try:
                self._watch()
            except Exception as error:  # noqa: BLE001 - the assistant answers all the same; tried again below
                log.error("keeper_failed", reason=f"{type(error).__name__}: {error}")
                self._stop.wait(LOOK_SECONDS)

    def _watch(self) -> None:
        """Publish now, then at each change, until stopped or until another folder stands in its place."""
        folder = self._settings.content_dir
        watched = folder.stat().st_ino
        self.attend()
        for _ in watch(
            folder,
            watch_filter=None,
            debounce=LONGEST_GROUP_MILLISECONDS,
            step=QUIET_MILLISECONDS,
            stop_event=self._stop,
            rust_timeout=LOOK_SECONDS * 1000,
            yield_on_timeout=True,
        ):
            if not folder.is_dir() or folder.stat().st_ino != watched:
                return
            self.attend()

    def _tell(self, refused: str) -> None:
        """Log what is wrong, once: saving another file repeats nothing."""
        if refused != self._told:
            log.error("generation_refused", reason=refused)
        self._told = refused

    def _publish_apart(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "knowledge.publish"],
            env=os.environ | environment_of(self._settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while process.poll() is None:
            if self._stop.wait(0.1):
                process.terminate()
        said = process.stdout.read().strip() if process.stdout else ""
        process.wait()
        (log.error if process.returncode else log.info)("generation_apart_done", said=said)


class TwoAtOnce:
    """An encoder of passages on two cores: saving a whole article must show within seconds.

    The engine keeps to one thread a text, and gives Python's lock back while it works.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def encode_query(self, inputs: list[str], /) -> Any:
        """Embed questions."""
        return self._encoder.encode_query(inputs)

    def encode_document(self, inputs: list[str], /) -> Any:
        """Embed passages, longest first so that neither core is left alone with it."""
        order = sorted(range(len(inputs)), key=lambda position: -len(inputs[position]))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            rows = pool.map(lambda position: self._encoder.encode_document([inputs[position]])[0], order)
            found = dict(zip(order, rows, strict=True))
        return np.stack([found[position] for position in range(len(inputs))])


def environment_of(settings: KnowledgeSettings) -> dict[str, str]:
    """Return the variables that give another process the same settings."""
    values = settings.model_dump(mode="json", include=set(KnowledgeSettings.model_fields))
    return {
        f"GUICHET_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }
