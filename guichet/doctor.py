"""`guichet doctor`: looks at each part and says what is wrong and how to repair it. Changes nothing."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

import redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from guichet.instance import CannotStart, is_free, read_state
from guichet.processes import model_command, processes, redis_program
from guichet.settings import ROOT, Settings

RASA_VERSION = "3.6.21"
LEAST_FREE_GIGABYTES = 1.0
REDIS_SECONDS = 3
# Run in bot/ by Rasa's Python: train.py names a model after what it is made from.
IS_MODEL_FRESH = (
    "import pathlib, train\n"
    "raise SystemExit(not train.model_path(pathlib.Path('models').absolute()).is_file())"
)


class Status(StrEnum):
    """What was found; only a fault keeps the assistant from working."""

    OK = "ok"
    NOTE = "note"
    FAULT = "FAULT"


@dataclass(frozen=True)
class Check:
    """One finding: what was looked at, what was found, and how to repair it."""

    name: str
    status: Status
    detail: str
    remedy: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether the assistant cannot work so."""
        return self.status is Status.FAULT


def good(name: str, detail: str) -> Check:
    """Return a finding that needs nothing."""
    return Check(name, Status.OK, detail)


def note(name: str, detail: str, remedy: str = "") -> Check:
    """Return a finding worth knowing."""
    return Check(name, Status.NOTE, detail, remedy)


def fault(name: str, detail: str, remedy: str) -> Check:
    """Return a finding that must be repaired."""
    return Check(name, Status.FAULT, detail, remedy)


def examine(settings: Settings) -> tuple[Check, ...]:
    """Look at every part. A check that fails itself is a fault, so that the others still speak."""
    found: list[Check] = []
    for look in CHECKS:
        try:
            found.extend(look(settings))
        except Exception as error:  # noqa: BLE001 - whatever is broken must not hide the other findings
            name = look.__name__.removeprefix("check_").replace("_", " ")
            found.append(
                fault(name, f"could not be checked: {type(error).__name__}: {error}", "see the message")
            )
    return tuple(found)


def check_application(_: Settings) -> Iterator[Check]:
    """The application's Python and packages against constraints.txt."""
    yield good("python", f"{sys.version.split()[0]}, {sys.executable}")
    wrong = []
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for name, wanted in (line.split("==") for line in lines if "==" in line):
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue  # a constraint is no requirement
        if installed.partition("+")[0] != wanted:
            wrong.append(f"{name} {installed} instead of {wanted}")
    if wrong:
        yield note(
            "packages",
            ", ".join(wrong),
            "python3 scripts/bootstrap.py installs the versions that were tested",
        )
    else:
        yield good("packages", "those of constraints.txt")


def check_rasa(settings: Settings) -> Iterator[Check]:
    """Rasa's Python, its version, and that torch never came in."""
    python = settings.effective_rasa_python
    remedy = "python3 scripts/bootstrap.py makes Rasa's environment"
    if not python.exists():
        yield fault("rasa environment", f"{python} is not there", remedy)
        return
    script = (
        "import sys, importlib.metadata as m, importlib.util as u\n"
        "print(sys.version.split()[0], m.version('rasa'), u.find_spec('torch') is not None)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [python, "-c", script], check=False, capture_output=True, text=True, timeout=60
    )
    words = done.stdout.split()
    if done.returncode or len(words) != 3:
        yield fault("rasa environment", done.stderr.strip().splitlines()[-1], remedy)
        return
    found, rasa, has_torch = words
    if not found.startswith("3.10.") or rasa != RASA_VERSION:
        yield fault(
            "rasa environment", f"Python {found}, Rasa {rasa}; wanted 3.10 and {RASA_VERSION}", remedy
        )
    elif has_torch == "True":
        yield fault(
            "rasa environment", "torch is installed in it", f"remove {python.parent.parent}, then {remedy}"
        )
    else:
        yield good("rasa environment", f"Python {found}, Rasa {rasa}")


def check_model(settings: Settings) -> Iterator[Check]:
    """The trained model, and whether its data changed since."""
    models = sorted(settings.bot_dir.glob("models/*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        yield fault("model", "there is none", "guichet train")
        return
    command = model_command(settings)
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [command.words[0], "-c", IS_MODEL_FRESH],
        check=False,
        cwd=command.folder,
        env=dict(command.environment),
        capture_output=True,
        timeout=120,
    )
    if done.returncode:
        yield note("model", f"{models[-1].name} is older than its data", "guichet train, then restart")
    else:
        yield good("model", models[-1].name)


def check_content(settings: Settings) -> Iterator[Check]:
    """The articles, the texts and the directory; then the index made of the articles."""
    from knowledge.check import check_knowledge  # noqa: PLC0415 - slow to load
    from knowledge.problems import Severity  # noqa: PLC0415 - goes with it
    from knowledge.publish import IndexState, index_state  # noqa: PLC0415 - slow to load

    problems = check_knowledge(settings.content_dir, national_max_age=settings.national_max_age)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        yield fault("content", f"{len(errors)} errors, the first: {errors[0]}", "guichet kb check lists them")
    else:
        yield good("content", f"no error, {len(problems)} warnings")
    state, generation = index_state(settings)
    if state is IndexState.UP_TO_DATE:
        yield good("index", f"{state} ({settings.index_dir}, generation {generation})")
    elif state is IndexState.HELD:
        yield note(
            "index", f"generation {generation} was gone back to", "save a file, or guichet kb index, to go on"
        )
    elif state is IndexState.REFUSED:
        yield note(
            "index", f"generation {generation} answers: {state}", "correct what guichet kb check lists"
        )
    else:
        yield fault("index", state.value, "guichet kb index")


def check_records(settings: Settings) -> Iterator[Check]:
    """The database, and whether its tables are those this version needs."""
    from records.database import make_engine, read_url  # noqa: PLC0415 - only here
    from records.schema import is_current  # noqa: PLC0415 - only here

    shown = read_url(settings.database_url).render_as_string(hide_password=True)
    if _is_missing(settings):
        yield note("records", f"{shown} does not exist yet", "guichet migrate (guichet up does it)")
        return
    try:
        current = is_current(make_engine(settings.database_url))
    except SQLAlchemyError as error:
        yield fault(
            "records", f"{shown} does not answer: {type(error).__name__}", "start it, or correct DATABASE_URL"
        )
        return
    if current:
        yield good("records", f"{shown}, tables up to date")
    else:
        yield fault("records", f"{shown}: the tables are of another version", "guichet migrate")


def _is_missing(settings: Settings) -> bool:
    """Whether the database is a SQLite file that is not there; to open it would make it."""
    from records.database import read_url  # noqa: PLC0415 - only here

    url = read_url(settings.database_url)
    return url.get_backend_name() == "sqlite" and not settings.data_dir.joinpath(url.database or "").is_file()


def check_anchors(settings: Settings) -> Iterator[Check]:
    """The ledger's key, and its anchors: their file, their age, whether an address gets them."""
    from records.errors import AnchorFailed, RecordsUnavailable  # noqa: PLC0415 - only here
    from records.store import Records  # noqa: PLC0415 - only here

    name = "anchors of the ledger"
    if _is_missing(settings):
        return  # which check_records says
    try:
        with Records(settings) as records:
            state = records.audit.state()
    except ValueError as error:
        yield fault("ledger key", str(error), "guichet secrets prints one")
        return
    except RecordsUnavailable:
        yield note(name, "the database does not answer or has no ledger yet", "see records")
        return
    except AnchorFailed as error:
        yield fault(name, str(error), "correct GUICHET_ANCHOR, or the rights on that file")
        return
    last = (
        f"{settings.anchor_file}, the last is number {state.number} of {state.at}" if state.at else "none yet"
    )
    if state.faults:
        yield fault(name, f"{last}: {state.faults[0].what}", "guichet audit verify tells all")
    elif state.is_late:
        yield fault(
            name,
            f"{last}: what was told since is in none",
            "guichet audit anchor; the gateway's log says why",
        )
    elif state.unsent:
        yield note(
            name,
            f"{last}; the address of GUICHET_ANCHOR has not taken {state.unsent}",
            "it is tried every minute",
        )
    else:
        yield good(name, last)


def check_data_folder(settings: Settings) -> Iterator[Check]:
    """Whether the data folder can be written, by us, with room left."""
    try:
        with tempfile.NamedTemporaryFile(dir=settings.data_dir):
            pass
    except OSError as error:
        yield fault(
            "data folder", f"{settings.data_dir}: {error.strerror}", "give this user the right to write there"
        )
        return
    free = shutil.disk_usage(settings.data_dir).free / 1e9
    if free < LEAST_FREE_GIGABYTES:
        yield fault(
            "data folder", f"{free:.1f} GB left in {settings.data_dir}", "make room, or set GUICHET_DATA_DIR"
        )
    else:
        yield good("data folder", f"{settings.data_dir}, {free:.0f} GB left")
    secrets = settings.data_dir / "secrets"
    open_ones = [path.name for path in secrets.glob("*") if path.stat().st_mode & 0o077]
    if open_ones:
        yield fault("secrets", f"others can read {', '.join(open_ones)}", f"chmod 600 {secrets}/*")


def check_redis(settings: Settings) -> Iterator[Check]:
    """The Redis server: the one named, or the program of the embedded one."""
    if settings.uses_embedded_redis:
        yield good("redis", f"embedded ({redis_program().name})")
        return
    try:
        redis.Redis.from_url(settings.redis_url, socket_timeout=REDIS_SECONDS).ping()
    except RedisError as error:
        yield fault("redis", f"does not answer: {type(error).__name__}", "start it, or correct REDIS_URL")
    else:
        yield good("redis", "answers")


def check_ports(settings: Settings) -> Iterator[Check]:
    """Whether each process runs, or could listen where it is told to."""
    running = read_state(settings.data_dir)
    for process in processes(settings):
        state, place = running.get(process.name), process.listening
        name = f"port of {process.name}"
        if state:
            ready = "ready" if state.ready else "not ready"
            yield good(
                name, f"{place.port}, running (process {state.pid}, {ready}, started {state.starts} times)"
            )
            continue
        try:
            free = is_free(place.host, place.port)
        except CannotStart as error:
            yield fault(name, str(error), f"set {place.setting}")
            continue
        if free:
            yield good(name, f"{place.port}, free")
        else:
            yield fault(
                name, f"{place.port} is used by another program", f"set {place.setting}, or stop that program"
            )


def check_browser(_: Settings) -> Iterator[Check]:
    """The browser that the tests use; the assistant needs none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    yield note("chromium", found or "not installed; only the browser tests need it")


CHECKS: tuple[Callable[[Settings], Iterator[Check]], ...] = (
    check_application,
    check_rasa,
    check_model,
    check_content,
    check_records,
    check_anchors,
    check_data_folder,
    check_redis,
    check_ports,
    check_browser,
)
