"""components/catalogue.py: the texts of utter_* actions."""

# ruff: noqa: PT009, PT027 - written for unittest: there is no pytest in the environment of Rasa

import asyncio
import os
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from tests.bot.inside_rasa import BOT  # isort: skip - puts the Rasa project on the path

from components.catalogue import CatalogueNLG, Catalogues, texts_dir
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

FRENCH = (
    "common: {place: Garlaban}\nutter:\n  greet: Bonjour de {place}\n  only: Seulement ici\n  day: '{day}'\n"
)
ENGLISH = "common: {place: Garlaban}\nutter:\n  greet: Hello from {place}\n"


class CatalogueCase(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "fr.yml").write_text(FRENCH, encoding="utf-8")
        (self.folder / "en.yml").write_text(ENGLISH, encoding="utf-8")
        self.catalogues = Catalogues(self.folder)

    def rewrite(self, language: str, content: str) -> None:
        path = self.folder / f"{language}.yml"
        later = path.stat().st_mtime_ns + 1_000_000
        path.write_text(content, encoding="utf-8")
        os.utime(path, ns=(later, later))

    def test_a_text_in_its_language_with_the_common_values(self) -> None:
        self.assertEqual(self.catalogues.get("en", "utter.greet"), "Hello from Garlaban")

    def test_values_that_are_given(self) -> None:
        self.assertEqual(self.catalogues.get("fr", "utter.day", day="lundi"), "lundi")

    def test_a_text_or_a_language_that_is_missing_is_said_in_french(self) -> None:
        self.assertEqual(self.catalogues.get("en", "utter.only"), "Seulement ici")
        self.assertEqual(self.catalogues.get("ar", "utter.greet"), "Bonjour de Garlaban")

    def test_a_language_is_never_a_path(self) -> None:
        (self.folder.parent / "outside.yml").write_text("utter: {greet: outside}")
        self.addCleanup((self.folder.parent / "outside.yml").unlink)
        self.assertEqual(self.catalogues.get("../outside", "utter.greet"), "Bonjour de Garlaban")

    def test_a_text_of_no_language_is_an_error(self) -> None:
        with self.assertRaises(KeyError):
            self.catalogues.get("fr", "utter.unknown")

    def test_a_file_that_changes_is_read_again(self) -> None:
        self.catalogues.get("en", "utter.greet")
        self.rewrite("en", "utter: {greet: Hi}")
        self.assertEqual(self.catalogues.get("en", "utter.greet"), "Hi")

    def test_a_file_saved_half_edited_changes_nothing(self) -> None:
        self.catalogues.get("en", "utter.greet")
        self.rewrite("en", "utter: {greet: 'Hi")
        self.assertEqual(self.catalogues.get("en", "utter.greet"), "Hello from Garlaban")

    def test_a_file_that_disappears_for_a_moment_changes_nothing(self) -> None:
        self.catalogues.get("en", "utter.greet")
        (self.folder / "en.yml").unlink()
        self.assertEqual(self.catalogues.get("en", "utter.greet"), "Hello from Garlaban")

    def test_the_folder_is_a_setting(self) -> None:
        with unittest.mock.patch.dict(os.environ, {"GUICHET_TEXTS_DIR": "/somewhere"}):
            self.assertEqual(texts_dir(), Path("/somewhere"))
        with unittest.mock.patch.dict(os.environ, {"GUICHET_CONTENT_DIR": "/content"}):
            self.assertEqual(texts_dir(), Path("/content/texts"))
        self.assertEqual(texts_dir(), BOT.parent / "knowledge" / "content" / "texts")

    def test_what_rasa_says(self) -> None:
        tracker = DialogueStateTracker("someone", [])
        tracker.update(UserUttered("hi", {"name": "greet"}, metadata={"language": "en"}))
        with unittest.mock.patch.dict(os.environ, {"GUICHET_TEXTS_DIR": str(self.folder)}):
            said = asyncio.run(CatalogueNLG().generate("utter_greet", tracker, "guichet"))
        self.assertEqual(said["text"], "Hello from Garlaban")
        self.assertEqual(said["custom"]["guichet"]["key"], "utter.greet")


if __name__ == "__main__":
    unittest.main()
