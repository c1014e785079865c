"""What the commands print."""

import getpass
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError

from guichet.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from guichet.doctor import Check

WRONG_USE = 2
SAY_EVERY_SECONDS = 5.0

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def fail(message: str, code: int = WRONG_USE) -> NoReturn:
    """Print why the command cannot go on, and leave."""
    typer.echo(f"guichet: {message}", err=True)
    raise typer.Exit(code)


def settings_or_exit() -> Settings:
    """Return the settings, or leave saying which one is wrong; never shows a value, which may be a secret."""
    try:
        return load_settings()
    except SettingsError as error:
        fail(str(error))
    except ValidationError as error:
        faults = [
            f"GUICHET_{'.'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors()
        ]
        fail("; ".join(faults))


def user_name() -> str:
    """Return who runs the command, as far as the system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def show_values(values: Mapping[str, int], *, as_json: bool) -> None:
    """Print named numbers."""
    if as_json:
        typer.echo(json.dumps(values))
        return
    for name, value in values.items():
        typer.echo(f"{value:>8}  {name.replace('_', ' ')}")


def show_checks(checks: Sequence["Check"], *, as_json: bool) -> None:
    """Print the doctor's findings, one line each, with the remedy below what is wrong."""
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], indent=1))
        return
    for check in checks:
        typer.echo(f"{check.status:>5}  {check.name}: {check.detail}")
        if check.remedy:
            typer.echo(f"       → {check.remedy}")
    wrong = sum(check.is_fault for check in checks)
    typer.echo(
        f"\n{wrong} of {len(checks)} checks failed." if wrong else f"\nAll {len(checks)} checks passed."
    )


class Progress:
    """Says now and then how many passages are embedded, and how long the rest will take."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._said = self._began
        self._known: int | None = None

    def __call__(self, done: int, total: int) -> None:
        """Take note of the passages done so far."""
        now = time.monotonic()
        if self._known is None:
            self._known = done
            typer.echo(f"{total} passages, {total - done} to embed", err=True)
        elif now - self._said > SAY_EVERY_SECONDS and done > self._known:
            left = (now - self._began) * (total - done) / (done - self._known)
            typer.echo(f"{done} of {total} passages, about {left:.0f} s left", err=True)
            self._said = now
            sys.stderr.flush()
