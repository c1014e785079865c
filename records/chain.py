"""The chain of the ledger: how an entry is written down, hashed and sealed. No database here.

    text   the entry's fields, as JSON: keys sorted, no space, ASCII only
    hash   SHA-256 of the text; it holds the hash of the entry before, so that it stands for the whole chain
    seal   HMAC-SHA256 (RFC 2104) of the hash in ASCII, with GUICHET_LEDGER_KEY

The hash lets anybody who holds an anchor check an export; the seal says that whoever wrote the entry had the
key. This never changes: what was proved last year is checked with the code of today.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from records.errors import BadLedgerKey

BEGINNING = "0" * 64
"""The `previous` of the first entry of a chain."""

SHORTEST_KEY = 32


class LedgerKind(StrEnum):
    """What an entry of the ledger tells."""

    ISSUED = "issued"
    DISPLAYED = "displayed"
    ROUTED = "routed"
    HANDOFF = "handoff"
    ANCHORED = "anchored"


@dataclass(frozen=True)
class LedgerEntry:
    """One entry. Holds no text of a conversation and nothing about a person.

    Attributes:
        chain: the writing process.
        sequence: its place in the chain, from 1.
        id: its own identifier, so that it is written once.
        at: the instant told, ISO 8601, in UTC; a replayed entry comes later in the chain than it happened.
        pseudonym: stands for a conversation (see pseudonyms.py), or for a handoff; None for neither.
        previous: the hash of the entry before.
    """

    chain: str
    sequence: int
    id: str
    kind: str
    at: str
    pseudonym: str | None
    details: Mapping[str, Any]
    previous: str
    hash: str = ""
    seal: str = ""

    def own_hash(self) -> str:
        """Return the hash that the fields ask for."""
        return digest(vars(self))


def digest(fields: Mapping[str, Any]) -> str:
    """Return the hash of an entry or of an anchor: of its fields less `hash` and `seal`."""
    told = {name: value for name, value in fields.items() if name not in {"hash", "seal"}}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode("ascii")).hexdigest()


def instant(at: datetime) -> str:
    """Return an instant as the ledger writes it: in UTC, of one length, so that texts sort as instants."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class Sealer:
    """Seals with the first key, recognises the seals of all.

    Args:
        keys: a secret of 32 characters or more, or several separated by commas.

    Raises:
        BadLedgerKey: no key, or one that is too short.
    """

    def __init__(self, keys: str) -> None:
        self._keys = [key.strip().encode() for key in keys.split(",") if key.strip()]
        if not self._keys or min(map(len, self._keys)) < SHORTEST_KEY:
            raise BadLedgerKey(f"GUICHET_LEDGER_KEY must hold {SHORTEST_KEY} characters or more")

    def seal(self, hash_: str) -> str:
        """Return the seal of a hash, in hexadecimal."""
        return _seal(self._keys[0], hash_)

    def recognises(self, hash_: str, seal: str) -> bool:
        """Return whether one of the keys sealed this hash."""
        return any(hmac.compare_digest(_seal(key, hash_), seal) for key in self._keys)


def _seal(key: bytes, hash_: str) -> str:
    return hmac.digest(key, hash_.encode(), "sha256").hex()
