"""Verifies a ledger, from the database or from an export: says what was changed, removed, reordered or cut.

Each entry must have the hash of what it says, follow the entry before, and be sealed with the key; each chain
must reach what its head and every anchor say of it; each anchor that the ledger mentions must be among those
given. What was added after the last anchor is not covered against a cut.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from records.anchors import Anchor
from records.chain import BEGINNING, LedgerEntry, LedgerKind, Sealer
from records.disclosures import fingerprint
from records.ledger import Head

_NOTICES = {LedgerKind.ISSUED.value, LedgerKind.DISPLAYED.value}


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written; `chain` and `sequence` say where, None for an anchor."""

    chain: str | None
    sequence: int | None
    what: str


@dataclass(frozen=True)
class Report:
    """What a verification found.

    Attributes:
        anchored_at: the instant of the last anchor given; None without any.
        unanchored: how many entries came after: a cut of these would not show yet.
        seals_checked: False without the key: then who wrote the entries is not checked.
    """

    faults: tuple[Fault, ...]
    chains: int
    entries: int
    anchors: int
    anchored_at: str | None
    unanchored: int
    seals_checked: bool


@dataclass
class _Search:
    """What is looked for on the way through the entries, and what was found."""

    sealer: Sealer | None
    notices: Mapping[str, str]
    wanted: set[tuple[str, int]]
    anchored_to: Mapping[str, int]
    anchors: dict[tuple[str, int], str]
    hashes: dict[tuple[str, int], str] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    texts_checked: set[str] = field(default_factory=set)
    entries: int = 0
    unanchored: int = 0


def verify(
    entries: Iterable[LedgerEntry],
    heads: Sequence[Head],
    notices: Mapping[str, str],
    anchors: Sequence[Anchor | None],
    sealer: Sealer | None,
) -> Report:
    """Verify a ledger.

    Args:
        entries: chain after chain, each in order.
        heads: the ends of the chains, read before the entries.
        notices: the texts of the notices, by their SHA-256.
        anchors: those of one book or several, each in order; None for a line that is no anchor.
        sealer: who recognises the seals; None leaves them unchecked.
    """
    told = [anchor for anchor in anchors if anchor]
    claims = [(anchor, head) for anchor in told for head in anchor.heads]
    search = _Search(
        sealer,
        notices,
        wanted={(head.chain, head.sequence) for head in [*heads, *(head for _, head in claims)]},
        anchored_to=_furthest(head for _, head in claims),
        anchors={(anchor.book, anchor.number): anchor.hash for anchor in told},
    )
    search.faults += faults_of_anchors(anchors, sealer)
    for chain, links in groupby(entries, key=attrgetter("chain")):
        _walk_chain(search, chain, links)
    for head in heads:
        search.faults += _end_faults(search, head, f"{head.sequence} were written")
    for anchor, head in claims:
        search.faults += _end_faults(search, head, f"the anchor of {anchor.at} reached {head.sequence}")
    known = {head.chain for head in heads}
    search.faults += [Fault(chain, None, "the chain has no head") for chain in search.last.keys() - known]
    return Report(
        faults=tuple(dict.fromkeys(search.faults)),
        chains=len(search.last),
        entries=search.entries,
        anchors=len(told),
        anchored_at=max((anchor.at for anchor in told), default=None),
        unanchored=search.unanchored,
        seals_checked=sealer is not None,
    )


def faults_of_anchors(anchors: Sequence[Anchor | None], sealer: Sealer | None) -> tuple[Fault, ...]:
    """Return what is wrong with the anchors of one book or several, each in order; None is a bad line."""
    return tuple(_faults_of_anchors(anchors, sealer))


def _walk_chain(search: _Search, chain: str, links: Iterable[LedgerEntry]) -> None:
    sequence, previous = 0, BEGINNING
    for entry in links:
        for what in _faults_of_entry(search, entry):
            search.faults.append(Fault(chain, entry.sequence, what))
        if entry.sequence != sequence + 1:
            missing = f"{sequence + 1} to {entry.sequence - 1}"
            search.faults.append(Fault(chain, sequence + 1, f"removed: entries {missing} are missing"))
        elif entry.previous != previous:
            search.faults.append(Fault(chain, entry.sequence, "does not follow the entry before it"))
        sequence, previous = entry.sequence, entry.hash
        if (chain, sequence) in search.wanted:
            search.hashes[chain, sequence] = entry.hash
        search.entries += 1
        search.unanchored += sequence > search.anchored_to.get(chain, 0)
    search.last[chain] = sequence


def _faults_of_entry(search: _Search, entry: LedgerEntry) -> Iterable[str]:
    if entry.own_hash() != entry.hash:
        yield "changed: its hash is not that of what it says"
    if search.sealer and not search.sealer.recognises(entry.hash, entry.seal):
        yield "written without the key: its seal is wrong"
    if entry.kind in _NOTICES:
        mark = entry.details.get("text_sha256", "")
        if mark not in search.texts_checked:
            search.texts_checked.add(mark)
            if fingerprint(search.notices.get(mark, "")) != mark:
                yield f"the text of its notice ({mark}) is missing or was changed"
    if entry.kind == LedgerKind.ANCHORED:
        place = (entry.details.get("book", ""), entry.details.get("number", 0))
        if search.anchors.get(place) != entry.details.get("hash"):
            yield f"anchor {place[1]} of book {place[0]} was removed, rewritten, or its book was not given"


def _faults_of_anchors(anchors: Sequence[Anchor | None], sealer: Sealer | None) -> Iterable[Fault]:
    ends: dict[str, tuple[int, str]] = {}
    for line, anchor in enumerate(anchors, 1):
        if anchor is None:
            yield Fault(None, None, f"line {line} of the anchors is no anchor")
            continue
        name = f"anchor {anchor.number} of book {anchor.book}"
        number, previous = ends.get(anchor.book, (0, BEGINNING))
        if anchor.own_hash() != anchor.hash:
            yield Fault(None, None, f"{name} was changed: its hash is not that of what it says")
        if sealer and not sealer.recognises(anchor.hash, anchor.seal):
            yield Fault(None, None, f"{name} was written without the key: its seal is wrong")
        if (anchor.number, anchor.previous) != (number + 1, previous):
            yield Fault(None, None, f"{name} does not follow anchor {number}: anchors were removed or moved")
        ends[anchor.book] = (anchor.number, anchor.hash)


def _end_faults(search: _Search, head: Head, claim: str) -> Iterable[Fault]:
    """A chain must hold the entry that a head or an anchor names, with that hash."""
    if head.sequence == 0:
        return
    last = search.last.get(head.chain, 0)
    if last < head.sequence:
        yield Fault(head.chain, last + 1, f"cut: the chain ends at {last}, and {claim}")
    elif search.hashes.get((head.chain, head.sequence)) != head.hash:
        yield Fault(head.chain, head.sequence, f"is not the entry that was there when {claim}")


def _furthest(heads: Iterable[Head]) -> dict[str, int]:
    furthest: dict[str, int] = {}
    for head in heads:
        furthest[head.chain] = max(head.sequence, furthest.get(head.chain, 0))
    return furthest
