"""The ledger takes the place of the table of disclosures, which named conversations."""

import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import context, op

from records.chain import BEGINNING, Sealer, digest, instant

revision = "0006"
down_revision = "0005"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    ledger, heads = _ledger()
    keys = op.create_table(
        "conversation_keys",
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False, index=True),
    )
    _move_disclosures(ledger, heads, keys)
    op.drop_table("disclosures")


def downgrade() -> None:
    raise RuntimeError("a ledger is not taken apart: it would prove nothing any more")


def _ledger() -> tuple[sa.Table, sa.Table]:
    ledger = op.create_table(
        "ledger",
        sa.Column("chain", sa.String(36), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("pseudonym", sa.String(64)),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Index("ledger_by_pseudonym", "pseudonym", "at"),
    )
    for event in ("UPDATE", "DELETE"):
        name = f"ledger_no_{event.lower()}"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON ledger FOR EACH ROW "
                "EXECUTE FUNCTION guichet_append_only()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON ledger "
                "BEGIN SELECT RAISE(ABORT, 'the proof of disclosure is append-only'); END"
            )
    heads = op.create_table(
        "ledger_heads",
        sa.Column("chain", sa.String(36), primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    return ledger, heads


def _move_disclosures(ledger: sa.Table, heads: sa.Table, keys: sa.Table) -> None:
    """Chain and seal the disclosures there are, marked as moved: until now nothing kept them from change."""
    bind = op.get_bind()
    told = bind.execute(sa.text("SELECT * FROM disclosures ORDER BY at")).mappings().all()
    if not told:
        return
    sealer: Sealer | None = context.config.attributes.get("sealer")
    if sealer is None:
        raise RuntimeError("GUICHET_LEDGER_KEY is needed to move the disclosures to the ledger")
    living = set(bind.scalars(sa.text("SELECT id FROM conversations")))
    keyring: dict[str, bytes] = {}
    chain, previous, number = str(uuid4()), BEGINNING, 0
    for number, row in enumerate(told, 1):
        of = row["conversation_id"]
        entry = {
            "chain": chain,
            "sequence": number,
            "id": row["id"],
            "kind": row["event"],
            "at": instant(_aware(row["at"])),
            "pseudonym": hmac.digest(
                keyring.setdefault(of, secrets.token_bytes(32)), of.encode(), "sha256"
            ).hex(),
            "details": _details(row),
            "previous": previous,
        }
        previous = digest(entry)
        sealed = {"hash": previous, "seal": sealer.seal(previous), "details": json.dumps(entry["details"])}
        bind.execute(ledger.insert().values(entry | sealed))
    bind.execute(heads.insert().values(chain=chain, sequence=number, hash=previous))
    now = datetime.now(UTC)
    for of in keyring.keys() & living:
        bind.execute(keys.insert().values(conversation_id=of, key=keyring[of], created_at=now))


def _details(row: sa.RowMapping) -> dict[str, Any]:
    told = {name: row[name] for name in ("version", "language", "text_sha256", "channel")}
    return told | {"notice": row["notice_id"], "moved": True}


def _aware(at: datetime | str) -> datetime:
    """SQLite gives a text, without its offset, which is UTC."""
    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    return read if read.tzinfo else read.replace(tzinfo=UTC)
