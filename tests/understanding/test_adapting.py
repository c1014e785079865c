"""How the embedding is adapted: the mean of several runs, and the rounding (`scripts/gptq.py`)."""

import random

import numpy as np
import torch
from torch import nn

from scripts.adapt_embedding import RANK, Changed, averaged, put_changes
from scripts.gptq import round_like_gptq
from scripts.texts_to_learn import already_learnt, blurred, cache_key, read_items


def run_of(seed: int, inputs: int, outputs: int) -> dict[str, torch.Tensor]:
    """What a run leaves of one matrix, named `0`."""
    torch.manual_seed(seed)
    return {"0.a": torch.randn(RANK, inputs), "0.b": torch.randn(outputs, RANK)}


def test_the_mean_of_runs_changes_a_matrix_by_the_mean_of_their_changes() -> None:
    model = nn.Sequential(Changed(nn.Linear(48, 32)))
    runs = [run_of(seed, 48, 32) for seed in (1, 2, 3)]
    whole = []
    for run in runs:
        put_changes(model, run)
        whole.append(model[0].whole().detach())
    put_changes(model, averaged(runs))
    assert model[0].a.shape == (3 * RANK, 48)
    torch.testing.assert_close(model[0].whole(), torch.stack(whole).mean(0), rtol=1e-4, atol=1e-3)
    given = torch.randn(5, 48)
    told = nn.functional.linear(given, model[0].whole(), model[0].base.bias)
    torch.testing.assert_close(model(given), told, rtol=1e-4, atol=1e-3)


def test_rounding_a_column_makes_up_for_the_error_of_others() -> None:
    """On messages whose numbers go together, products change less than with each number rounded alone."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(16, 64)).astype(np.float32)
    given = (rng.normal(size=(500, 8)) @ rng.normal(size=(8, 64))).astype(np.float32)

    blocks, rounded = round_like_gptq(weights, given.T @ given)
    _, alone = round_like_gptq(weights, np.eye(64, dtype=np.float32))

    assert blocks.shape == (16, 2)
    assert np.abs(rounded - weights).max() > 0.05  # four bits are few

    def error(matrix: np.ndarray) -> float:
        return float(np.square(given @ (matrix - weights).T).sum())

    assert error(rounded) < error(alone) / 4


def test_a_blurred_text_is_still_the_same_request() -> None:
    rng = random.Random(0)
    text = "Je n'ai plus de quoi payer la cantine du collège pour mes deux enfants"
    texts = {blurred(text, rng) for _ in range(50)}
    assert len(texts) > 30
    for each in texts:
        shared = set(each.lower().split()) & set(text.lower().split())
        assert len(shared) >= 5, each
    assert blurred("RSA", rng).lower() == "rsa"


def test_examples_that_were_embedded_are_known_as_learnt() -> None:
    texts, told = read_items()
    examples = [text for text, (label, _, _) in zip(texts, told, strict=True) if label]
    learnt = already_learnt()
    known = sum(cache_key(text) in learnt for text in examples)
    assert known > 0.9 * len(examples) > 0
    assert cache_key("a message that nobody wrote as an example") not in learnt
