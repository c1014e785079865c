"""`guichet serve`: one process of the assistant, for whoever runs them under their own process manager."""

import os

import typer

from guichet.console import fail, settings_or_exit
from guichet.environment import application_environment
from guichet.processes import rasa_command, redis_command
from guichet.settings import Settings

app = typer.Typer(help="Run one process, for production.", no_args_is_help=True)

GRACE_SECONDS = 5


def _adopt_environment(settings: Settings) -> None:
    """Give this process the variables it would get from the supervisor: the rooms read them."""
    os.environ.update(application_environment(settings))


@app.command()
def gateway() -> None:
    """Serve residents, agents and administrators over HTTP."""
    settings = settings_or_exit()
    _adopt_environment(settings)
    import uvicorn  # noqa: PLC0415 - only here: it takes memory

    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=settings.gateway_host,
        port=settings.gateway_port,
        access_log=False,  # it would hold the residents' network addresses
        server_header=False,
        proxy_headers=False,  # the gateway decides itself which proxies it believes
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


@app.command()
def actions() -> None:
    """Serve Rasa's custom actions (loopback: this server has no authentication)."""
    settings = settings_or_exit()
    _adopt_environment(settings)
    from actions.server import serve  # noqa: PLC0415 - it loads the search

    serve(settings, settings)


@app.command()
def rasa() -> None:
    """Serve the dialogue engine (loopback: it has no authentication worth the name)."""
    settings = settings_or_exit()
    if not settings.effective_rasa_python.exists():
        fail(f"{settings.effective_rasa_python} is not there; `make run` makes Rasa's environment")
    command = rasa_command(settings)
    os.chdir(command.folder)
    os.execve(command.words[0], command.words, dict(command.environment))  # noqa: S606 - our own interpreter


@app.command()
def redis() -> None:
    """Serve the embedded Redis-compatible server (loopback; keeps nothing on disk)."""
    command = redis_command(settings_or_exit())
    reading, writing = os.pipe()
    os.write(writing, command.given.encode())  # far below the capacity of a pipe
    os.close(writing)
    os.dup2(reading, 0)
    os.execve(command.words[0], command.words, dict(command.environment))  # noqa: S606 - the packaged server
