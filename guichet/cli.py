"""The `guichet` command: each command reads the settings, then calls one function of ours."""

import os
from typing import Annotated

import typer

from guichet import administration, audit, directory, knowledge_base, language_eval, nlu_eval, serving, staff
from guichet.console import JsonOption, fail, settings_or_exit, show_checks, show_values, user_name
from guichet.doctor import examine
from guichet.instance import CannotStart
from guichet.processes import model_command
from guichet.settings import new_secret, own_secrets
from guichet.settings_page import settings_page
from guichet.starting import become_supervisor, check_machine, make_plan

app = typer.Typer(
    name="guichet",
    help="The multilingual assistant of a French département: run it, check it, keep it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they would show secrets
)
app.add_typer(serving.app, name="serve")
app.add_typer(audit.app, name="audit")
app.add_typer(knowledge_base.app, name="kb")
app.add_typer(directory.app, name="directory")
app.add_typer(language_eval.app, name="language")
app.add_typer(nlu_eval.app, name="nlu")
app.add_typer(staff.app, name="staff")


@app.command()
def up(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what every process prints.")] = False,
) -> None:
    """Start the whole assistant and keep it running until Ctrl-C.

    Does first what is missing: the database schema, the index of the articles, the Rasa model.
    """
    settings = settings_or_exit()
    try:
        check_machine(settings)
    except CannotStart as error:
        fail(str(error))
    become_supervisor(make_plan(settings, verbose=verbose))


@app.command()
def train(
    if_stale: Annotated[bool, typer.Option("--if-stale", help="Only if its data changed.")] = False,
) -> None:
    """Train the Rasa model (one or two minutes the first time)."""
    command = model_command(settings_or_exit(), *(["--if-stale"] if if_stale else []))
    os.chdir(command.folder)
    os.execve(command.words[0], command.words, dict(command.environment))  # noqa: S606 - our own interpreter


@app.command()
def migrate() -> None:
    """Bring the tables of the records up to date."""
    administration.migrate(settings_or_exit())


@app.command()
def prepare() -> None:
    """Do what `up` does before it starts: the tables, then the index if it is stale."""
    settings = settings_or_exit()
    administration.migrate(settings)
    knowledge_base.build(settings, if_stale=True)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Check each part and say how to repair what is wrong; exit code 1 if anything is."""
    checks = examine(settings_or_exit())
    show_checks(checks, as_json=as_json)
    raise typer.Exit(1 if any(check.is_fault for check in checks) else 0)


@app.command()
def purge(as_json: JsonOption = False) -> None:
    """Erase what has been kept long enough: Rasa's trackers, the text of turns, closed contact details.

    Safe to run at any time and several at once; meant for a daily timer.
    """
    show_values(administration.purge(settings_or_exit()), as_json=as_json)


@app.command()
def pause(
    reason: Annotated[str, typer.Option(help="Why; kept, and shown to administrators.")],
    who: Annotated[str, typer.Option(help="Who pauses it; the system's user if not given.")] = "",
) -> None:
    """Stop the assistant's answers (the kill switch): residents get the contacts of the human services."""
    if not reason.strip():
        fail("a pause needs a reason")
    typer.echo(administration.pause(settings_or_exit(), reason.strip(), who or user_name()))


@app.command()
def resume(
    who: Annotated[str, typer.Option(help="Who ends the pause; the system's user if not given.")] = "",
) -> None:
    """End the pause."""
    typer.echo(administration.resume(settings_or_exit(), who or user_name()))


@app.command()
def secrets() -> None:
    """Print a new value for each secret, to keep outside the repository."""
    for name in own_secrets():
        typer.echo(f"GUICHET_{name.upper()}={new_secret()}")


@app.command(name="settings-page")
def print_settings_page() -> None:
    """Print docs/settings.md, the table of all settings."""
    typer.echo(settings_page(), nl=False)
