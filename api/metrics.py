"""Prometheus metrics of the gateway. No label holds anything a resident wrote."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram


@dataclass(frozen=True)
class Metrics:
    """Counters of one gateway process; times in seconds."""

    registry: CollectorRegistry
    turns: Counter
    turn_seconds: Histogram
    failures: Counter
    blocked_contacts: Counter


def new_metrics() -> Metrics:
    """Fresh metrics in a registry of their own, so that two gateways can live in one process of tests."""
    registry = CollectorRegistry()
    return Metrics(
        registry=registry,
        turns=Counter("guichet_turns", "Turns answered", ["status", "kind", "language"], registry=registry),
        turn_seconds=Histogram(
            "guichet_turn_seconds",
            "Time from a message to its reply",
            buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 5),
            registry=registry,
        ),
        failures=Counter(
            "guichet_part_failures", "Parts that did not answer during a turn", ["part"], registry=registry
        ),
        blocked_contacts=Counter(
            "guichet_blocked_contacts",
            "Replies stopped because of a contact in no directory",
            registry=registry,
        ),
    )
