"""The NLU examples as plain values, for what looks at them without Rasa: evaluation and tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

# libyaml's, ten times as fast, where PyYAML was built with it.
FAST_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Example:
    """One line of data/nlu/<language>/<file>. `topic` is "" for the intents that are about no topic."""

    text: str
    intent: str
    topic: str
    language: str
    file: str


def read_examples(folder: Path) -> tuple[Example, ...]:
    """Read every example under data/nlu, in the order of the files.

    Raises:
        OSError, yaml.YAMLError: A file cannot be read.
    """
    return tuple(example for path in sorted(folder.glob("*/*.yml")) for example in _of_file(path))


def _of_file(path: Path) -> Iterator[Example]:
    for block in yaml.load(path.read_text(encoding="utf-8"), FAST_LOADER)["nlu"]:  # noqa: S506 - a safe one
        topic = (block.get("metadata") or {}).get("topic", "")
        for line in block["examples"].splitlines():
            yield Example(
                line.removeprefix("- ").strip(), block["intent"], topic, path.parent.name, path.name
            )
