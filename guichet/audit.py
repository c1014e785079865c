"""`guichet audit`: verify, export and anchor the ledger of notices, routings and handoffs."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from guichet.console import JsonOption, fail, settings_or_exit
from records import (
    AnchorFailed,
    BadExport,
    BadLedgerKey,
    Records,
    RecordsUnavailable,
    Report,
    Sealer,
    verify_export,
)

app = typer.Typer(help="Verify, export and anchor the ledger.", no_args_is_help=True)

FAILED = 1
SHOWN = 20
BooksOption = Annotated[
    list[Path] | None, typer.Option("--anchors", help="Other files of anchors: other machines', or your own.")
]


@app.command()
def verify(
    anchors: BooksOption = None,
    export: Annotated[
        Path | None, typer.Option(help="An export to verify instead of the database; needs no setting.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find any change, removal, reordering or cut before the last anchor; exit code 1 if there is one.

    An export is verified without the key: seals are checked only where GUICHET_LEDGER_KEY is set.
    """
    report = _verified_export(export, anchors or []) if export else _verified(anchors or [])
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=1))
    else:
        _show(report)
    raise typer.Exit(FAILED if report.faults else 0)


@app.command(name="export")
def export_ledger(
    output: Annotated[Path | None, typer.Option(help="File to write; standard output if not given.")] = None,
) -> None:
    """Write the ledger as JSON lines, with what a verifier outside needs: no key, nothing about a person."""
    try:
        with Records(settings_or_exit()) as records:
            out = output.open("w", encoding="utf-8") if output else sys.stdout
            for line in records.audit.export():
                out.write(line + "\n")
            if output:
                out.close()
    except RecordsUnavailable as error:
        fail(f"the database does not answer: {error.reason}", FAILED)
    except OSError as error:
        fail(f"{output}: {error.strerror}", FAILED)


@app.command()
def anchor() -> None:
    """Write the ends of the chains outside the database now; a running gateway does it every hour."""
    try:
        with Records(settings_or_exit()) as records:
            written = records.audit.anchor()
    except RecordsUnavailable as error:
        fail(f"the database does not answer: {error.reason}", FAILED)
    except AnchorFailed as error:
        fail(str(error), FAILED)
    if written is None:
        typer.echo("nothing was added since the last anchor")
    else:
        typer.echo(
            f"anchor {written.number} of book {written.book}: {len(written.heads)} chains went further"
        )


def _verified(books: list[Path]) -> Report:
    try:
        with Records(settings_or_exit()) as records:
            return records.audit.verify(books)
    except RecordsUnavailable as error:
        fail(f"the database does not answer: {error.reason}", FAILED)
    except BadExport as error:
        fail(str(error))


def _verified_export(export: Path, books: list[Path]) -> Report:
    key = os.environ.get("GUICHET_LEDGER_KEY", "")
    try:
        return verify_export(export, books, Sealer(key) if key else None)
    except (BadExport, BadLedgerKey) as error:
        fail(str(error))


def _show(report: Report) -> None:
    for fault in report.faults[:SHOWN]:
        where = f"chain {fault.chain}, entry {fault.sequence}: " if fault.chain else ""
        typer.echo(f"WRONG  {where}{fault.what}")
    if len(report.faults) > SHOWN:
        typer.echo(f"       and {len(report.faults) - SHOWN} more (--json shows all)")
    typer.echo(f"{report.entries} entries in {report.chains} chains, {report.anchors} anchors")
    last = f"the last anchor is of {report.anchored_at}" if report.anchored_at else "there is no anchor"
    typer.echo(f"{last}; {report.unanchored} entries came after: a cut of these would not show")
    if not report.seals_checked:
        typer.echo("the seals were not checked: GUICHET_LEDGER_KEY is not set")
    typer.echo(f"{len(report.faults)} faults" if report.faults else "nothing was changed, removed or moved")
