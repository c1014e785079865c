from pathlib import Path

import numpy as np

from knowledge.check import CONTENT
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.index import passages_in
from knowledge.library import load_library
from knowledge.vector_seed import SEED_FILE, read_seed, write_seed

TEXTS = ["Pièces à fournir", "How to apply", "مساعدة الطفل"]


class Refusing:
    """An encoder that must not be needed."""

    def encode_query(self, inputs: list[str]) -> np.ndarray:
        raise AssertionError(inputs)

    encode_document = encode_query


def test_a_seed_spares_the_model(tmp_path: Path) -> None:
    seed = tmp_path / "vectors.npz"
    own = CachedEmbedder(load_question_encoder(), tmp_path / "a", seed=None)
    write_seed(own.by_key(TEXTS, ["quels papiers"]), seed)
    seeded = CachedEmbedder(Refusing(), tmp_path / "b", seed=seed)
    passages, phrases = seeded.passages(TEXTS), seeded.phrases(["quels papiers"])
    assert (passages * own.passages(TEXTS)).sum(axis=1).min() > 0.9999
    assert (phrases * own.phrases(["quels papiers"])).sum(axis=1).min() > 0.9999
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-6)


def test_what_the_seed_lacks_is_embedded(tmp_path: Path) -> None:
    own = CachedEmbedder(load_question_encoder(), tmp_path / "a", seed=None)
    seed = tmp_path / "vectors.npz"
    write_seed(own.by_key(TEXTS[:1], ["quels papiers"]), seed)
    seeded = CachedEmbedder(load_question_encoder(), tmp_path / "b", seed=seed)
    assert np.allclose(seeded.passages(TEXTS)[1:], own.passages(TEXTS)[1:], atol=1e-5)


def test_the_same_vectors_give_the_same_file(tmp_path: Path) -> None:
    vectors = {bytes([n]) * 32: np.full(4, n, np.float32) for n in (2, 1, 3)}
    write_seed(vectors, tmp_path / "a.npz")
    write_seed(dict(reversed(vectors.items())), tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a.npz", "b.npz"}


def test_no_seed_is_no_error(tmp_path: Path) -> None:
    assert read_seed(tmp_path / "absent.npz") == {}


def test_the_seed_that_comes_with_the_articles_covers_most_of_them(tmp_path: Path) -> None:
    """A seed left behind makes the first start slow: `python -m knowledge.seed` brings it up to date."""
    library, _ = load_library(CONTENT, ("fr", "en"))
    embedder = CachedEmbedder(load_question_encoder(), tmp_path)
    texts = {passage.text for passage in passages_in(library)}
    known = embedder._known([embedder._key("passage", text) for text in sorted(texts)])
    assert len(known) >= 0.9 * len(texts), f"{SEED_FILE} is out of date"
