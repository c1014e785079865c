"""The texts of utter_* actions, from the catalogues of the knowledge base.

No sentence is in the domain: `utter_greet` is the text `utter.greet` of <language>.yml. The language is the
one that the gateway gives with the message. A text that a language lacks is said in French.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from components.embedding import BOT_DIR

SOURCE_LANGUAGE = "fr"
UTTER_PREFIX = "utter_"


def texts_dir() -> Path:
    """Return the folder of catalogues: GUICHET_TEXTS_DIR, or the one of GUICHET_CONTENT_DIR, or ours."""
    named = os.environ.get("GUICHET_TEXTS_DIR")
    if named:
        return Path(named)
    content = os.environ.get("GUICHET_CONTENT_DIR") or BOT_DIR.parent / "knowledge" / "content"
    return Path(content) / "texts"


def _flat(value: object, key: str) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {
            name: text
            for inner, child in value.items()
            for name, text in _flat(child, f"{key}.{inner}" if key else str(inner)).items()
        }
    return {key: str(value).strip()}


@dataclass(frozen=True)
class _Read:
    modified: int  # nanoseconds
    texts: Mapping[str, str]


class Catalogues:
    """The catalogues of a folder, each read again when its file changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, _Read] = {}

    def get(self, language: str, key: str, **values: object) -> str:
        """Return a text, its `{names}` replaced by `values` or by the catalogue's `common` group.

        Raises:
            KeyError: The key is in no language, or a value that the text needs is not given.
        """
        for candidate in (language, SOURCE_LANGUAGE):
            texts = self._texts(candidate)
            if key in texts:
                common = {
                    name.partition(".")[2]: text for name, text in texts.items() if name.startswith("common.")
                }
                return texts[key].format_map({**common, **values})
        raise KeyError(f"no catalogue of {self._folder.name}/ has the text {key!r}")

    def _texts(self, language: str) -> Mapping[str, str]:
        path = self._folder / f"{language}.yml"
        # A language is a name of the catalogue folder, never a path given by a client.
        if not language.replace("-", "").isalnum():
            return {}
        try:
            modified = path.stat().st_mtime_ns
        except OSError:
            # Being replaced by an editor, or absent: what was read last still serves.
            return self._read[language].texts if language in self._read else {}
        known = self._read.get(language)
        if known is None or known.modified != modified:
            self._read[language] = self._parse(path, modified, known)
        return self._read[language].texts

    @staticmethod
    def _parse(path: Path, modified: int, known: _Read | None) -> _Read:
        try:
            return _Read(modified, _flat(yaml.safe_load(path.read_text(encoding="utf-8")), ""))
        except yaml.YAMLError:
            # A file saved half-edited must not silence the assistant.
            if known is None:
                raise
            return _Read(modified, known.texts)


class CatalogueNLG(NaturalLanguageGenerator):
    """Says utter_* actions from the catalogues (`nlg` in endpoints.yml)."""

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,  # noqa: ARG002 - Rasa's signature
        domain: Domain | None = None,  # noqa: ARG002
    ) -> None:
        self._catalogues = Catalogues(texts_dir())

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,  # noqa: ARG002 - Rasa's signature
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the message of an utter_* action in the language of the resident's message.

        Raises:
            KeyError: The text is in no catalogue.
        """
        key = f"utter.{utter_action.removeprefix(UTTER_PREFIX)}"
        metadata = tracker.latest_message.metadata if tracker.latest_message else {}
        text = self._catalogues.get(str(metadata.get("language") or SOURCE_LANGUAGE), key, **kwargs)
        return {"text": text, "custom": {"guichet": {"kind": "smalltalk", "topic": "smalltalk", "key": key}}}
