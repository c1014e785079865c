"""The NLU components: examples as Rasa reads them, embeddings and their cache, the model, the classifier."""

# ruff: noqa: PT009, PT027 - written for unittest: there is no pytest in the environment of Rasa

import base64
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.bot.inside_rasa import BOT  # isort: skip - puts the Rasa project on the path

from components.classifier import TopicClassifier, label_of
from components.embedding import (
    EmbeddingCache,
    embed,
    embed_many,
    model_name,
    read_shipped,
    write_shipped,
)
from components.examples import read_examples
from components.featurizer import E5Featurizer, vector_of
from components.model import Label, Settings, TopicModel, Understanding, fit, settings_of
from components.neighbours import NeighbourSettings, keep_examples
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message

EXAMPLES = [
    ("comment demander le RSA", Label("social_benefits", "rsa")),
    ("montant du revenu de solidarité active", Label("social_benefits", "rsa")),
    ("ma mère ne peut plus se laver seule", Label("social_benefits", "apa")),
    ("allocation personnalisée d'autonomie", Label("social_benefits", "apa")),
    ("prix de la cantine au collège", Label("college", "college-restauration")),
    ("menu de la demi-pension", Label("college", "college-restauration")),
    ("bonjour", Label("greet", "")),
    ("bonsoir madame", Label("greet", "")),
]
TEXTS, LABELS = [text for text, _ in EXAMPLES], [label for _, label in EXAMPLES]
VECTORS = embed_many(TEXTS)
DEFAULTS = settings_of(TopicClassifier.get_default_config())
# With eight examples, few terms occur twice.
SETTINGS = replace(DEFAULTS, ngrams=tuple(replace(each, least_examples=1) for each in DEFAULTS.ngrams))
MODEL = fit(VECTORS, TEXTS, LABELS, SETTINGS)


def understood_alone(text: str) -> Understanding:
    return MODEL.understand(embed(text), text)


class ExamplesAsRasaReadsThem(unittest.TestCase):
    def test_rasa_keeps_the_topic_of_every_example(self) -> None:
        read = {
            example.text: Label(example.intent, example.topic)
            for example in read_examples(BOT / "data" / "nlu")
        }
        by_rasa = {
            message.get("text"): label_of(message)
            for message in load_data(str(BOT / "data" / "nlu")).intent_examples
        }
        self.assertEqual(by_rasa, read)


class Embeddings(unittest.TestCase):
    def test_many_at_once_are_those_of_one_at_a_time(self) -> None:
        for (text, _), vector in zip(EXAMPLES, VECTORS, strict=True):
            np.testing.assert_allclose(embed(text), vector, atol=1e-6)

    def test_a_zero_byte_does_not_end_a_text(self) -> None:
        self.assertLess(float(embed("rsa\x00 et cantine") @ embed("rsa")), 0.9999)

    def test_the_cache_gives_the_same_vectors_and_stores_no_text(self) -> None:
        texts = [text for text, _ in EXAMPLES]
        with tempfile.TemporaryDirectory() as folder:
            first = EmbeddingCache(Path(folder), shipped=None).embed_all(texts)
            second = EmbeddingCache(Path(folder), shipped=None).embed_all(texts[::-1])
            (file,) = Path(folder).iterdir()
            np.testing.assert_array_equal(first, second[::-1])
            self.assertNotIn(b"bonjour", file.read_bytes())

    def test_a_broken_cache_is_made_again(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            EmbeddingCache(Path(folder), shipped=None).embed_all(["bonjour"])
            (file,) = Path(folder).iterdir()
            file.write_bytes(file.read_bytes()[:100])
            np.testing.assert_allclose(
                EmbeddingCache(Path(folder), shipped=None).embed_all(["bonjour"])[0], embed("bonjour")
            )

    def test_what_comes_with_the_examples_spares_embedding_nearly_all_of_them(self) -> None:
        texts = [example.text for example in read_examples(BOT / "data" / "nlu")]
        shipped = read_shipped()
        known = [text for text in texts if EmbeddingCache.key(text) in shipped]
        self.assertGreater(len(known), 0.9 * len(texts))
        for text in known[:: len(known) // 20]:
            self.assertGreater(float(shipped[EmbeddingCache.key(text)] @ embed(text)), 0.999)

    def test_shipped_embeddings_are_read_as_they_were_written(self) -> None:
        texts = [text for text, _ in EXAMPLES]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "shipped.npz"
            write_shipped(texts, VECTORS, path)
            cached = EmbeddingCache(Path(folder) / "cache", shipped=path).embed_all(texts)
            np.testing.assert_allclose((cached * VECTORS).sum(axis=1), 1.0, atol=1e-4)
            path.write_bytes(path.read_bytes()[:100])
            self.assertEqual(read_shipped(path), {})


class Model(unittest.TestCase):
    def test_probabilities_sum_to_one_and_an_intent_is_the_sum_of_its_topics(self) -> None:
        understood = understood_alone("quel est le montant du RSA ?")
        intents, topics = dict(understood.intents), dict(understood.topics)
        self.assertAlmostEqual(sum(intents.values()), 1.0, places=5)
        self.assertAlmostEqual(intents["social_benefits"], topics["rsa"] + topics["apa"], places=5)
        self.assertEqual(understood.topics[0][0], "rsa")
        self.assertNotIn("", topics)

    def test_a_model_is_read_as_it_was_written(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.npz"
            MODEL.write(path)
            read = TopicModel.read(path)
        self.assertEqual(read.labels, MODEL.labels)
        for text, vector in zip(TEXTS, VECTORS, strict=True):
            np.testing.assert_array_equal(read.probabilities(vector, text), MODEL.probabilities(vector, text))

    def test_a_model_without_text_features_is_read_as_it_was_written(self) -> None:
        model = fit(VECTORS, TEXTS, LABELS, Settings(5.0, SETTINGS.embedding_weight, ngrams=()))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.npz"
            model.write(path)
            read = TopicModel.read(path)
        self.assertEqual(read.understand(VECTORS[0], TEXTS[0]), model.understand(VECTORS[0], TEXTS[0]))

    def test_the_letters_of_a_message_count_beside_its_embedding(self) -> None:
        vector, topic = embed("j'ai une question"), "college-restauration"
        lunch, greeting, strange = (
            dict(MODEL.understand(vector, text).topics)[topic]
            for text in ("prix de la cantine au collège", "bonjour", "щодо їдальні")
        )
        self.assertGreater(lunch, greeting)
        # Letters that no example has count for nothing: the embedding decides alone.
        self.assertEqual(strange, dict(MODEL.understand(vector, "").topics)[topic])

    def test_an_empty_message_is_understood_from_its_embedding(self) -> None:
        self.assertEqual(MODEL.understand(VECTORS[0], "").topics[0][0], "rsa")

    def test_a_label_with_many_examples_does_not_drown_the_others(self) -> None:
        vectors = np.concatenate([VECTORS, *[VECTORS[:2] + i * 1e-4 for i in range(20)]])
        model = fit(vectors, TEXTS + TEXTS[:2] * 20, LABELS + LABELS[:2] * 20, SETTINGS)
        self.assertEqual(model.understand(embed("bonsoir"), "bonsoir").intents[0][0], "greet")

    def test_an_example_that_says_the_same_counts_beside_the_regression(self) -> None:
        doubtful = replace(SETTINGS, inverse_regularisation=0.01)
        both = fit(VECTORS, TEXTS, LABELS, doubtful)
        alone = fit(VECTORS, TEXTS, LABELS, replace(doubtful, neighbours=None))
        for vector, text, label in zip(VECTORS, TEXTS, LABELS, strict=True):
            self.assertGreater(
                both.probabilities(vector, text)[both.labels.index(label)],
                alone.probabilities(vector, text)[alone.labels.index(label)],
            )

    def test_the_shares_of_the_nearest_examples_sum_to_one(self) -> None:
        vectors, labels = np.eye(4, dtype=np.float32), np.array([0, 0, 1, 2])
        for nearest in (1, 2, 10):
            kept = keep_examples(vectors, labels, NeighbourSettings(3, nearest, 0.05, 0.35))
            shares = kept.share_of(vectors[3], 4)
            self.assertAlmostEqual(float(shares.sum()), 1.0, places=6)
            self.assertEqual((int(shares.argmax()), float(shares[3])), (2, 0.0))
            self.assertTrue(np.isfinite(kept.blend(np.full(4, 0.25), np.zeros(4))).all())

    def test_serving_loads_no_library_that_only_training_needs(self) -> None:
        code = (
            "import sys; sys.path.insert(0, 'bot'); from pathlib import Path; import numpy as np\n"
            "from components.model import TopicModel\n"
            "TopicModel.read(Path(sys.argv[1])).understand(np.zeros(384, np.float32), 'le RSA')\n"
            "print([name for name in ('scipy', 'sklearn') if name in sys.modules])"
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.npz"
            MODEL.write(path)
            done = subprocess.run(
                [sys.executable, "-c", code, path], cwd=BOT.parent, capture_output=True, text=True, check=True
            )
        self.assertEqual(done.stdout.strip(), "[]")


class Classifier(unittest.TestCase):
    def classifier(self, **config: float) -> TopicClassifier:
        settings = {**TopicClassifier.get_default_config(), **config}
        return TopicClassifier(settings, LocalModelStorage(Path("unused")), Resource("unused"), MODEL)

    def understood(self, text: str, **config: float) -> Message:
        (message,) = E5Featurizer().process([Message({"text": text})])
        return self.classifier(**config).process([message])[0]

    def test_what_reaches_the_tracker(self) -> None:
        output = self.understood("le prix de la cantine").as_dict(only_output_properties=True)
        self.assertEqual(output["intent"]["name"], "college")
        self.assertEqual(output["topics"][0]["topic"], "college-restauration")
        self.assertLessEqual(len(output["topics"]), 5)
        self.assertEqual(output["intent_ranking"][0], output["intent"])

    def test_a_doubt_is_a_fallback_that_keeps_the_rankings(self) -> None:
        output = self.understood("le prix de la cantine", fallback_below=1.1)
        self.assertEqual(output.get("intent")["name"], "nlu_fallback")
        self.assertEqual(output.get("intent_ranking")[0]["name"], "college")
        self.assertEqual(output.get("topics")[0]["topic"], "college-restauration")

    def test_the_embedding_that_comes_with_a_message_is_used(self) -> None:
        given = embed("bonjour")
        encoded = base64.b64encode(given.astype("<f4").tobytes()).decode("ascii")
        for model, used in ((model_name(), given), ("another", embed("le prix de la cantine"))):
            meaning = {"model": model, "vector": encoded}
            message = Message({"text": "le prix de la cantine", "metadata": {"meaning": meaning}})
            (message,) = E5Featurizer().process([message])
            np.testing.assert_array_equal(vector_of(message), used)

    def test_the_parts_of_a_message_that_may_ask_two_things(self) -> None:
        parts = self.understood("le prix de la cantine ? quel est le montant du RSA ?").get("parts")
        self.assertEqual([part["topics"][0]["topic"] for part in parts], ["college-restauration", "rsa"])
        self.assertFalse(self.understood("le prix de la cantine").get("parts"))

    def test_without_the_featurizer_the_error_says_so(self) -> None:
        with self.assertRaisesRegex(LookupError, "E5Featurizer"):
            self.classifier().process([Message({"text": "bonjour"})])

    def test_it_is_stored_and_loaded_by_rasa(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            storage, resource = LocalModelStorage(Path(folder)), Resource("classifier")
            trained = TopicClassifier.create(TopicClassifier.get_default_config(), storage, resource, None)
            data = load_data(str(BOT / "data" / "nlu" / "en" / "out_of_scope.yml")).merge(
                load_data(str(BOT / "data" / "nlu" / "en" / "college.yml"))
            )
            trained.train(E5Featurizer().process_training_data(data))
            loaded = TopicClassifier.load(TopicClassifier.get_default_config(), storage, resource, None)
            message = E5Featurizer().process([Message({"text": "school canteen menu"})])
            self.assertEqual(loaded.process(message)[0].get("intent")["name"], "college")


if __name__ == "__main__":
    unittest.main()
