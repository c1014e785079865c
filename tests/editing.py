"""A copy of the content folder, edited as an administrator does while the assistant runs.

Each edit of an article leaves its number in it twice, in the short answer and in the steps: an answer that
shows two numbers was put together from two generations.
"""

import re
import shutil
from pathlib import Path

from knowledge.settings import KnowledgeSettings

ARTICLE = "common/fr/social_benefits/apa.md"
QUESTION = "Comment demander l'APA pour ma mère ?"
_MARK = re.compile(r"Repère (\d+)")


class EditedContent:
    """A content folder of its own, and its edits."""

    def __init__(self, folder: Path) -> None:
        """Copy the articles, the directory and the texts."""
        shutil.copytree(KnowledgeSettings().content_dir, folder)
        self.folder = folder
        self._originals: dict[str, str] = {}

    def mark(self, number: int, name: str = ARTICLE) -> None:
        """Save an article with a number in its short answer and in its steps."""
        text = self.original(name)
        first = text.index("\n## ")
        text = f"{text[:first].rstrip()} Repère {number}.\n{text[first:]}"
        self.save(name, re.sub(r"(\{#steps\}\n)", rf"\1Repère {number}.\n\n", text, count=1))

    def break_(self, name: str = ARTICLE) -> None:
        """Save an article with a topic that does not exist."""
        self.save(name, re.sub(r"^topic: .*$", "topic: rien", self.original(name), flags=re.MULTILINE))

    def replace(self, name: str, old: str, new: str) -> None:
        """Save a file with another text in the place of `old`."""
        text = self.original(name)
        assert old in text, (name, old)
        self.save(name, text.replace(old, new))

    def original(self, name: str) -> str:
        """Return a file as it was before any edit."""
        if name not in self._originals:
            self._originals[name] = (self.folder / name).read_text(encoding="utf-8")
        return self._originals[name]

    def save(self, name: str, text: str) -> None:
        """Write a file in its place, as most editors do: aside, then renamed."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.tmp")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)


def marks_in(text: str) -> list[int]:
    """Return the numbers that a text shows, in order."""
    return [int(number) for number in _MARK.findall(text)]
