"""Files are edited while residents write: every answer is whole, and the last edit shows with no restart."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Self

import httpx
import pytest

from tests.conftest import RATES
from tests.editing import ARTICLE, QUESTION, EditedContent, marks_in
from tests.end_to_end.resident import Resident, shown
from tests.knowledge.articles import article_text
from tests.stack import Stack

pytestmark = pytest.mark.stack

REQUESTS = 200
TURNS_OF_A_RESIDENT = 10
SECONDS = 60
READING_SECONDS = 0.1  # between two requests of each: those who ask leave the edits some of the processor
NEW_ARTICLE = "local/fr/general/sport-reperes.md"
NEW_TITLE = "La piscine départementale des Mille Repères"
SERVICE = "directory/services/autonomie.yml"
OLD_PHONE, NEW_PHONE = "04 65 71 22 00", "04 65 71 29 99"


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, EditedContent]]:
    """An assistant on a content folder of its own, which other tests must not see change."""
    content = EditedContent(tmp_path_factory.mktemp("content") / "content")
    content.mark(0)
    stack = Stack(tmp_path_factory.mktemp("edited"), {**RATES, "GUICHET_CONTENT_DIR": str(content.folder)})
    stack.start()
    yield stack, content
    stack.stop()


def knowledge_of(stack: Stack) -> dict[str, Any]:
    ready = httpx.get(f"{stack.url}/health/ready", trust_env=False)
    assert ready.status_code == 200, ready.text
    state: dict[str, Any] = ready.json()["knowledge"]
    return state


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class Load:
    """Residents who write, and programs that search, until enough has been asked and the edits are over."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.edits_are_over = threading.Event()
        self.asked = 0
        self.marks: set[int] = set()
        self.failures: list[str] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        kinds = (self.write, self.write, self.search)
        self.threads = [threading.Thread(target=self.run, args=(kind,)) for kind in kinds]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.edits_are_over.set()
        for thread in self.threads:
            thread.join()

    def run(self, kind: Callable[[], None]) -> None:
        while not (self.edits_are_over.is_set() and self.asked >= REQUESTS):
            try:
                kind()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
                self.failures.append(f"{type(error).__name__}: {error}")
                return

    def write(self) -> None:
        resident = Resident(self.stack.url, language="fr")
        with closing(resident.http):
            for _ in range(TURNS_OF_A_RESIDENT):
                turn = resident.says(QUESTION)
                assert turn["status"] == "answered", turn
                assert turn["understanding"]["topic"] == "apa", turn
                assert turn["service"]["phone"] in {OLD_PHONE, NEW_PHONE}
                short, steps = marks_in(shown(turn))
                assert short == steps, f"half of one generation, half of another: {shown(turn)}"
                self.count(short)

    def search(self) -> None:
        with httpx.Client(base_url=self.stack.url, timeout=10, trust_env=False) as http:
            for _ in range(TURNS_OF_A_RESIDENT):
                answer = http.get("/api/v1/search", params={"q": QUESTION, "language": "fr"})
                assert answer.status_code == 200, answer.text
                assert answer.json()["results"][0]["article_id"] == "apa", answer.text
                self.count()

    def count(self, *marks: int) -> None:
        with self._lock:
            self.asked += 1
            self.marks.update(marks)
        time.sleep(READING_SECONDS)


def test_ten_edits_under_load(edited: tuple[Stack, EditedContent]) -> None:
    stack, content = edited
    generations = {knowledge_of(stack)["generation"]}

    def publish(edit: Callable[..., object], *given: object) -> None:
        before = knowledge_of(stack)["generation"]
        edit(*given)
        wait_until(lambda: knowledge_of(stack)["generation"] != before)
        generations.add(knowledge_of(stack)["generation"])

    def found() -> bool:
        query = {"q": NEW_TITLE, "language": "fr"}
        answer = httpx.get(f"{stack.url}/api/v1/search", params=query, trust_env=False)
        return any(result["article_id"] == "sport-reperes" for result in answer.json()["results"])

    new_article = article_text("sport-reperes", topic="sport", title=NEW_TITLE, questions=[NEW_TITLE])
    with Load(stack) as load:
        publish(content.mark, 1)
        publish(content.save, NEW_ARTICLE, new_article)
        assert found()
        publish(content.mark, 3)
        publish(content.replace, SERVICE, OLD_PHONE, NEW_PHONE)
        content.break_()  # the fifth
        wait_until(lambda: bool(knowledge_of(stack)["content_errors"]))
        assert knowledge_of(stack)["generation"] in generations
        broken = Resident(stack.url, language="fr").says(QUESTION)
        assert marks_in(shown(broken)) == [3, 3]
        assert broken["service"]["phone"] == NEW_PHONE
        publish(content.mark, 6)
        assert knowledge_of(stack)["content_errors"] == 0
        publish((content.folder / NEW_ARTICLE).unlink)
        assert not found()
        for number in (8, 9, 10):
            publish(content.mark, number)
    assert load.failures == []
    assert load.asked >= REQUESTS
    assert len(generations) == 10
    assert load.marks <= {0, 1, 3, 6, 8, 9, 10}
    assert len(load.marks) > 3, "the load did not meet the edits"
    last = Resident(stack.url, language="fr").says(QUESTION)
    assert marks_in(shown(last)) == [10, 10]
    assert last["service"]["phone"] == NEW_PHONE
    assert stack.state("actions").starts == stack.state("gateway").starts == 1
    assert (content.folder / ARTICLE).exists()
