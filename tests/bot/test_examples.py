"""The NLU examples: every topic and owner in every language, balanced, none twice, no evaluation question."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from knowledge.settings import KnowledgeSettings
from knowledge.taxonomy import load_taxonomy
from tests.bot.rasa_server import BOT

from components.examples import Example, read_examples  # isort: skip - found by conftest.py

EXAMPLES = read_examples(BOT / "data" / "nlu")
LANGUAGES = sorted({example.language for example in EXAMPLES})
FILES = {"social_benefits", "college", "general", "owner_matter", "conversation", "out_of_scope"}
FEWEST_OF_A_TOPIC = 14
FEWEST_OF_AN_OWNER = 25
FEWEST_OUT_OF_SCOPE = 100
# English has thirteen ways of asking for another language; French, of most messages, more of everything.
FEWEST_OF_AN_ACT = defaultdict(lambda: 15, en=13, fr=20)
MOST_OVER_FEWEST = 6
QUESTIONS = Path(__file__).parents[1] / "evaluation" / "questions"


def intents_of_the_domain() -> set[str]:
    return set(yaml.safe_load((BOT / "domain.yml").read_text())["intents"])


def folded(text: str) -> str:
    """A text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def words_of(text: str) -> frozenset[str]:
    """The words of a folded text, whatever their order; the text itself where it has none."""
    return frozenset(folded(text).split() or [text])


def of(language: str) -> list[Example]:
    return [example for example in EXAMPLES if example.language == language]


def test_every_language_that_is_served_has_examples() -> None:
    assert set(KnowledgeSettings().languages) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_file(language: str) -> None:
    assert {path.stem for path in (BOT / "data" / "nlu" / language).glob("*.yml")} == FILES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_and_owner_has_enough_examples_in_its_intent(language: str) -> None:
    taxonomy = load_taxonomy()
    counted = Counter((example.intent, example.topic) for example in of(language))
    fewest = {(taxonomy.family_of(topic), topic): FEWEST_OF_A_TOPIC for topic in taxonomy.topics}
    fewest |= {("owner_matter", f"redirect-{owner}"): FEWEST_OF_AN_OWNER for owner in taxonomy.owners}
    assert not {label: counted[label] for label, least in fewest.items() if counted[label] < least}
    assert not {label for label in counted if label[1]} - set(fewest)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_has_enough_examples(language: str) -> None:
    counted = Counter(example.intent for example in of(language))
    acts = intents_of_the_domain() - {example.intent for example in EXAMPLES if example.topic}
    assert counted["out_of_scope"] >= FEWEST_OUT_OF_SCOPE
    assert not {act: counted[act] for act in acts if counted[act] < FEWEST_OF_AN_ACT[language]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_topic_has_many_times_the_examples_of_another(language: str) -> None:
    counted = Counter(example.topic for example in of(language) if example.topic)
    assert max(counted.values()) <= MOST_OVER_FEWEST * min(counted.values())


def test_every_intent_is_one_of_the_domain() -> None:
    assert {example.intent for example in EXAMPLES} == intents_of_the_domain()


def test_a_family_s_examples_are_in_its_file() -> None:
    files = {(example.intent, example.file.removesuffix(".yml")) for example in EXAMPLES}
    assert not {
        (intent, file) for intent, file in files if file != (intent if intent in FILES else "conversation")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_means_two_things(language: str) -> None:
    labels = defaultdict(set)
    for example in of(language):
        labels[folded(example.text) or example.text].add((example.intent, example.topic))
    assert not {text: found for text, found in labels.items() if len(found) > 1}


def test_no_example_is_there_twice() -> None:
    """Between intents it contradicts, within one it weighs twice. Case, accents and signs do not count."""
    seen = defaultdict(list)
    for example in EXAMPLES:
        seen[folded(example.text) or example.text].append(f"{example.language}: {example.text}")
    assert not {key: texts for key, texts in seen.items() if len(texts) > 1}


def test_no_example_is_empty_or_annotated() -> None:
    wrong = [
        example.text for example in EXAMPLES if not example.text or re.search(r"\]\s*[({]", example.text)
    ]
    assert not wrong


@pytest.mark.parametrize("path", sorted(QUESTIONS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_no_example_is_a_question_of_the_evaluation(path: Path) -> None:
    """Nor the same words in another order."""
    asked = {words_of(json.loads(line)["text"]) for line in path.read_text(encoding="utf-8").splitlines()}
    copied = [
        example.text
        for example in EXAMPLES
        # Greetings and yes or no are too short to be anything but the same.
        if example.file != "conversation.yml" and words_of(example.text) in asked
    ]
    assert not copied
