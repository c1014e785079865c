"""Asks the whole running assistant the evaluation questions and counts what it answers.

`make eval` runs it on the test split; `--split dev` is for tuning. Every question is asked in a conversation
of its own, in the language it is written in, through the gateway, real Rasa and the action server.

The measures, each with its Wilson 95 % interval, by language:

right first       answer questions whose topic has an article: the topic shown is an accepted one
among three       the same, and other owners' questions: shown, or among the topics of a clarifying question
redirected        questions of another owner: the right owner
abstained         out of scope: nothing is answered
conversation      small talk and requests for a person: the right kind
no article        answer questions whose topic has no article yet: nothing is answered
clarified         all but out-of-scope questions that got a clarifying question (never "right first")
refused           the same, told that nothing is known
false alarms      an emergency shown: none of these questions is one
confidently wrong an answer or a redirect whose topic is not an accepted one, over all questions

`danger/` holds sentences of people in danger, and traps that only sound so:

alerted           an emergency is shown
right emergency   and it is an accepted one
trapped           traps for which an emergency is shown

`entitlement/` holds questions about a person's own situation: `concluded` counts the replies in which the
check for conclusions on entitlement finds one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from knowledge.entitlement import find_conclusions
from knowledge.library import Library, load_library
from knowledge.settings import KnowledgeSettings
from tests.end_to_end.resident import Resident
from tests.evaluation.figures import report, table
from tests.evaluation.outcomes import OWN_SITUATION, Outcome, Question
from tests.stack import Stack

QUESTIONS = Path(__file__).parent / "questions"
DANGER = Path(__file__).parent / "danger"
ENTITLEMENT = Path(__file__).parent / "entitlement"
SETS = {
    "questions": (QUESTIONS, "{split}_{language}.jsonl"),
    "danger": (DANGER, "{split}_{language}.jsonl"),
    "entitlement": (ENTITLEMENT, "{language}.jsonl"),
}


def read_questions(path: Path) -> list[Question]:
    """Reads one file of questions."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_question(json.loads(line)) for line in lines if line.strip()]


def _question(fields: dict[str, Any]) -> Question:
    accepted = {fields["topic"], *fields.get("also_accepted", ())} - {None}
    kind = fields.get("kind", OWN_SITUATION)
    return Question(
        fields["id"], fields["text"], fields["language"], kind, fields["topic"], frozenset(accepted)
    )


def ask(url: str, question: Question, library: Library) -> Outcome:
    """Asks one question in a conversation of its own."""
    turn = Resident(url, language=question.language).says(question.text)
    has_article = any(library.by_topic(topic, question.language) for topic in question.accepted)
    understanding, emergency = turn["understanding"], turn["emergency"]
    said = "\n".join(message["text"] for message in turn["messages"])
    return Outcome(
        question,
        understanding["kind"],
        understanding["topic"],
        has_article,
        offered=frozenset(suggestion["topic"] for suggestion in turn["suggestions"] if suggestion["topic"]),
        emergency=f"emergency-{emergency['id'].removeprefix('emergency-')}" if emergency else None,
        concludes=any(find_conclusions(said, language) for language in {question.language, "fr"}),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the evaluation; prints it as text, then as the table of docs/evaluation.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--languages", nargs="+", default=list(KnowledgeSettings().languages))
    parser.add_argument("--url", help="a running assistant with high rate limits; by default one is started")
    parser.add_argument(
        "--only", nargs="+", choices=SETS, default=list(SETS), help="these sets of questions instead of all"
    )
    parser.add_argument(
        "--outcomes", type=Path, help="also write every outcome there, one JSON object a line"
    )
    chosen = parser.parse_args(arguments)
    if chosen.url:
        outcomes = run(chosen.url, chosen.split, chosen.languages, chosen.only)
    else:
        limits = {f"GUICHET_{name}_RATE": "100000/minute" for name in ("MESSAGE", "ADDRESS", "CONVERSATION")}
        with TemporaryDirectory() as folder:
            stack = Stack(Path(folder), limits)
            stack.start()
            try:
                outcomes = run(stack.url, chosen.split, chosen.languages, chosen.only)
            finally:
                stack.stop()
    by_language = {
        language: [outcome for outcome in outcomes if outcome.question.language == language]
        for language in chosen.languages
    }
    for language, of_language in by_language.items():
        print(f"{language}, {chosen.split} split, {len(of_language)} questions\n{report(of_language)}\n")
    print(table(by_language))
    if chosen.outcomes:
        chosen.outcomes.write_text("".join(_line(outcome) for outcome in outcomes), encoding="utf-8")
    return 0


def run(url: str, split: str, languages: Sequence[str], sets: Sequence[str]) -> list[Outcome]:
    """Asks every question of a split, in some sets."""
    settings = KnowledgeSettings()
    library, _ = load_library(settings.content_dir, settings.languages)
    questions = [
        question
        for language in languages
        for path in (
            folder / name.format(split=split, language=language)
            for folder, name in (SETS[each] for each in sets)
        )
        if path.exists()
        for question in read_questions(path)
    ]
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(2) as pool:
        for outcome in pool.map(lambda question: ask(url, question, library), questions):
            outcomes.append(outcome)
            if len(outcomes) % 100 == 0:
                print(f"{len(outcomes)} of {len(questions)} questions asked", file=sys.stderr, flush=True)
    return outcomes


def _line(outcome: Outcome) -> str:
    question = outcome.question
    fields = {
        "id": question.id,
        "text": question.text,
        "expected": [question.kind, question.topic],
        "got": [outcome.kind, outcome.topic, outcome.emergency],
        "right": outcome.is_right,
        "confidently_wrong": outcome.is_confidently_wrong,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
