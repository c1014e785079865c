"""Times the verification of a ledger of 100,000 entries, and of its export.

    python tests/bench/audit.py

Eight chains of 12,500 routings on SQLite, hashed and sealed as the assistant does, written in bulk. Printed:
the processor seconds to verify the ledger, to export it, and to verify the export without the database; the
export's size in megabytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from sqlalchemy import insert

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from records import Records, RecordsSettings, verify_export  # noqa: E402 - after the path
from records.chain import BEGINNING, LedgerEntry, Sealer, instant  # noqa: E402
from records.entries import new_id, now  # noqa: E402
from records.tables import LedgerHeadRow, LedgerRow  # noqa: E402

CHAINS, LENGTH = 8, 12_500
KEY = "the-key-of-the-benchmark-0123456789-"
DETAILS = {"service": "mds-nord", "topic": "apa", "reason": "answer"}


def main() -> int:
    """Fill a ledger, anchor it, time, print."""
    with TemporaryDirectory() as folder:
        settings = RecordsSettings.model_validate(
            {"data_dir": folder, "database_url": f"sqlite:///{folder}/ledger.db", "ledger_key": KEY}
            | {"encryption_key": "A" * 43 + "="}
        )
        with Records(settings) as records:
            records.upgrade()
            for _ in range(CHAINS):
                fill(records)
            records.audit.anchor()
            began = process_time()
            report = records.audit.verify()
            verified = process_time()
            file = Path(folder) / "export.jsonl"
            with file.open("w", encoding="utf-8") as out:
                out.writelines(f"{line}\n" for line in records.audit.export())
            exported = process_time()
        outside = verify_export(file)
        ended = process_time()
        size = file.stat().st_size / 1e6
    faults = len(report.faults) + len(outside.faults)
    print(f"{report.entries} entries in {report.chains} chains, {faults} faults")
    print(f"  verified in {verified - began:.1f} s of processor")
    print(f"  exported in {exported - verified:.1f} s, {size:.0f} MB")
    print(f"  the export verified in {ended - exported:.1f} s")
    return 1 if faults else 0


def fill(records: Records) -> None:
    """Write one chain."""
    sealer, chain, previous = Sealer(KEY), new_id(), BEGINNING
    rows = []
    for sequence in range(1, LENGTH + 1):
        entry = LedgerEntry(chain, sequence, new_id(), "routed", instant(now()), new_id(), DETAILS, previous)
        previous = entry.own_hash()
        rows.append(
            vars(entry) | {"details": json.dumps(DETAILS), "hash": previous, "seal": sealer.seal(previous)}
        )
    with records._database.writing() as session:
        session.execute(insert(LedgerRow), rows)
        session.execute(insert(LedgerHeadRow).values(chain=chain, sequence=LENGTH, hash=previous))


if __name__ == "__main__":
    raise SystemExit(main())
