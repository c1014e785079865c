"""`guichet staff`: accounts of agents and administrators, from the command line."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from api.staff import passwords
from guichet.console import JsonOption, fail, settings_or_exit
from guichet.settings import Settings
from knowledge.directory import load_directory
from records import Agent, AlreadyThere, BadRecord, Records, RecordsUnavailable, Role, StaffAccounts

app = typer.Typer(help="Accounts of agents and administrators.", no_args_is_help=True)

FAILED = 1
Login = Annotated[str, typer.Argument(help="Sign-in name or e-mail.")]
FromInput = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from the standard input instead of making one."),
]


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="Name that residents see.")],
    role: Annotated[Role, typer.Option(help="What the account may do.")] = Role.AGENT,
    service: Annotated[
        list[str] | None, typer.Option(help="Service whose requests it may read; repeat for several.")
    ] = None,
    password_stdin: FromInput = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="The agent signs in by the identity provider only.")
    ] = False,
) -> None:
    """Add an account; the password made for it is printed once."""
    settings = settings_or_exit()
    services = service or []
    _check_services(settings, services)
    password = None if no_password else _password(login, from_input=password_stdin)
    with _accounts(settings) as accounts:
        try:
            agent = accounts.add(
                login=login,
                name=name,
                role=role,
                services=services,
                password_hash=passwords.hash_password(password) if password else None,
            )
        except (AlreadyThere, BadRecord) as error:
            fail(str(error), FAILED)
    typer.echo(
        f"{agent.login}: {agent.role.value}, reads the requests of {', '.join(services) or 'no service'}"
    )
    _say(password, given=password_stdin)


@app.command(name="list")
def show(as_json: JsonOption = False) -> None:
    """List the accounts."""
    with _accounts(settings_or_exit()) as accounts:
        found = accounts.all()
    if as_json:
        typer.echo(json.dumps([_values(agent) for agent in found], indent=1, ensure_ascii=False))
        return
    for agent in found:
        state = "active" if agent.active else "disabled"
        services = ", ".join(sorted(agent.services)) or "no service"
        typer.echo(f"{agent.login}  {agent.name}  {agent.role.value}  {state}  {services}")


@app.command()
def password(login: Login, password_stdin: FromInput = False) -> None:
    """Give an account a new password: its sessions end, and it is unlocked."""
    new = _password(login, from_input=password_stdin)
    _on_account(login, lambda accounts, agent: accounts.set_password(agent.id, passwords.hash_password(new)))
    _say(new, given=password_stdin)


@app.command()
def disable(login: Login) -> None:
    """Close an account: its sessions end at once."""
    _on_account(login, lambda accounts, agent: accounts.set_active(agent.id, active=False))


@app.command()
def enable(login: Login) -> None:
    """Open a disabled account again."""
    _on_account(login, lambda accounts, agent: accounts.set_active(agent.id, active=True))


@contextmanager
def _accounts(settings: Settings) -> Iterator[StaffAccounts]:
    with Records(settings) as records:
        try:
            records.upgrade()
            yield records.staff
        except RecordsUnavailable as error:
            fail(f"the database does not answer: {error.reason}", FAILED)


def _on_account(login: str, change: Callable[[StaffAccounts, Agent], None]) -> None:
    with _accounts(settings_or_exit()) as accounts:
        agent = accounts.by_login(login)
        if agent is None:
            fail(f"there is no account {login}", FAILED)
        change(accounts, agent)
    typer.echo(f"{agent.login}: done")


def _password(login: str, *, from_input: bool) -> str:
    if not from_input:
        return passwords.new_password()
    given = sys.stdin.readline().rstrip("\n")
    fault = passwords.fault_of(given, login.strip().casefold())
    if fault:
        fail(fault)
    return given


def _say(password: str | None, *, given: bool) -> None:
    if password and not given:
        typer.echo(f"password, shown once: {password}")


def _check_services(settings: Settings, services: list[str]) -> None:
    directory, _ = load_directory(settings.content_dir, settings.departement)
    unknown = sorted(set(services) - set(directory.services))
    if unknown:
        fail(f"no service {', '.join(unknown)}; there are {', '.join(sorted(directory.services))}")


def _values(agent: Agent) -> dict[str, object]:
    return {
        "login": agent.login,
        "name": agent.name,
        "role": agent.role.value,
        "services": sorted(agent.services),
        "active": agent.active,
        "by_password": agent.password_hash is not None,
    }
