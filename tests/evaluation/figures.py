"""What `tests.evaluation` counts, each share with its interval: as text, and as the table of the docs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.fitting import wilson
from tests.evaluation.outcomes import ASKED_KINDS, OWN_SITUATION, SHOWN_KINDS, Outcome

WORST = "worst: "


@dataclass(frozen=True)
class Share:
    """A part of some outcomes."""

    hits: int
    of: int

    @property
    def percent(self) -> float:
        """The share, in %; 0 of none."""
        return 100 * self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its Wilson 95 % interval, in %."""
        low, high = wilson(self.hits, self.of)
        return 100 * low, 100 * high


def figures(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """The measures of some outcomes, but for those of which there is nothing; the worst class last."""
    found = _asked([o for o in outcomes if o.question.kind in ASKED_KINDS])
    danger = [o for o in outcomes if o.question.kind == "emergency"]
    found |= {
        "alerted": _share(o.emergency is not None for o in danger),
        "right emergency": _share(o.is_right for o in danger),
        "trapped": _share(not o.is_right for o in outcomes if o.question.kind == "trap"),
        "concluded": _share(not o.is_right for o in outcomes if o.question.kind == OWN_SITUATION),
    }
    return {name: share for name, share in found.items() if share.of} | _worst(outcomes)


def _asked(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    by_measure: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_measure[outcome.measure].append(outcome)
    clear = [o for o in outcomes if o.question.kind != "abstain"]
    about = [o for o in outcomes if o.question.kind in SHOWN_KINDS]
    return {
        "right first": _share(o.is_right for o in by_measure["right first"]),
        "among three": _share(o.is_among_three for o in about),
        "redirected": _share(o.is_right for o in by_measure["redirected"]),
        "abstained": _share(o.is_right for o in by_measure["abstained"]),
        "no article": _share(o.is_right for o in by_measure["no article"]),
        "clarified": _share(o.kind == "clarify" for o in clear),
        "refused": _share(o.kind == "abstain" for o in about),
        "confidently wrong": _share(o.is_confidently_wrong for o in outcomes),
        "false alarms": _share(o.kind == "emergency" for o in outcomes),
        "conversation": _share(o.is_right for o in by_measure["conversation"]),
    }


def _worst(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    by_topic: dict[str, list[bool]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.measure in {"right first", "redirected"}:
            by_topic[str(outcome.question.topic)].append(outcome.is_right)
    if not by_topic:
        return {}
    worst = min(by_topic, key=lambda topic: sum(by_topic[topic]) / len(by_topic[topic]))
    return {f"{WORST}{worst}": _share(by_topic[worst])}


def _share(hits: Iterable[bool]) -> Share:
    flags = list(hits)
    return Share(sum(flags), len(flags))


def report(outcomes: Sequence[Outcome]) -> str:
    """The figures of one language, a line each."""
    return "\n".join(
        f"  {name:<18} {share.percent:5.1f} %  [{share.interval[0]:5.1f}, {share.interval[1]:5.1f}]"
        f"  {share.hits}/{share.of}"
        for name, share in figures(outcomes).items()
    )


def table(by_language: Mapping[str, Sequence[Outcome]]) -> str:
    """The table of docs/evaluation.md: a column a language, and the counts over all."""
    found = {language: figures(outcomes) for language, outcomes in by_language.items()}
    whole = figures([outcome for outcomes in by_language.values() for outcome in outcomes])
    lines = [
        _row(["% (95 % interval)", *found, "all"]),
        _row(["---", *("---:" for _ in found), "---:"]),
    ]
    for name, total in whole.items():
        if not name.startswith(WORST):
            cells = [_cell(figures_of[name]) if name in figures_of else "" for figures_of in found.values()]
            lines.append(_row([name, *cells, f"{total.percent:.1f}<br>{total.hits:,}/{total.of:,}"]))
    worst = [
        next(
            (f"{name.removeprefix(WORST)}<br>{s.hits}/{s.of}" for name, s in each.items() if WORST in name),
            "",
        )
        for each in found.values()
    ]
    return "\n".join([*lines, _row(["worst class", *worst, ""])])


def _cell(share: Share) -> str:
    low, high = share.interval
    return f"{share.percent:.1f}<br>{low:.0f}–{high:.0f}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
