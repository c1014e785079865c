#!/usr/bin/env python3
"""Make the two Python environments of Guichet: the application's (.venv) and Rasa's (bot/.venv).

Runs with any Python 3.8 or newer, before anything is installed, and uses the standard library only.
A second run with nothing changed takes a fraction of a second: each environment holds a stamp, the hash of
what it was made from. Exit codes: 0 ready, 1 an installation failed, 2 something is missing on the machine.

Usage: python3 scripts/bootstrap.py [--production]
    --production leaves out the tools of developers (tests, linter, type checker).
Environment:
    BOOTSTRAP_PYTHON, BOOTSTRAP_RASA_PYTHON   the interpreters to use instead of the ones found
    PIP_FIND_LINKS                        a folder of wheels, passed on to uv
    UV_TORCH_BACKEND                      "cpu" takes torch without CUDA where no folder of wheels has it
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent
UV_REQUIREMENT = "uv==0.13.9"
# The first is the one the exact versions were chosen with.
APPLICATION_PYTHONS = ("3.11", "3.12", "3.13")
RASA_PYTHON = "3.10"  # the newest that Rasa 3.6 accepts; docs/decisions/0001 says why we stay on it
STAMP = ".guichet-stamp"
INSTALLATION_FAILED, MISSING = 1, 2


class Interpreter(NamedTuple):
    """A Python that really runs."""

    path: str
    version: str  # such as "3.11.7"

    @property
    def minor(self) -> str:
        """The version without its last number, such as "3.11"."""
        return self.version.rpartition(".")[0]


class Environment(NamedTuple):
    """One virtual environment to make."""

    label: str
    folder: Path
    inputs: tuple[str, ...]  # files whose change makes the environment stale
    requirements: tuple[str, ...]  # arguments of `uv pip install`
    constraints: str

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"


def say(message: str) -> None:
    """Print a line at once, so that it stands before the output of what follows."""
    print(message, flush=True)


def stop(message: str, code: int) -> NoReturn:
    """Print why nothing more can be done, and leave."""
    print(f"\nbootstrap: {message}", file=sys.stderr, flush=True)
    raise SystemExit(code)


def call(arguments: list[str], *, quiet: bool = False, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the repository; its output is kept when `quiet`, else the reader sees it."""
    return subprocess.run(  # noqa: S603 - the commands are ours; none comes from outside
        arguments, check=False, cwd=ROOT, env={**os.environ, **variables}, capture_output=quiet, text=True
    )


def run(arguments: list[str], **variables: str) -> None:
    """Run a command whose output the reader sees; leave with its failure."""
    done = call(arguments, **variables)
    if done.returncode != 0:
        stop(f"this failed (exit code {done.returncode}): {' '.join(arguments)}", INSTALLATION_FAILED)


def probe(command: str | Path, *, need_venv: bool = False) -> Interpreter | None:
    """Return the interpreter behind `command`, or None when it does not run (as a bare pyenv shim)."""
    script = "import sys; print(sys.executable); print('%d.%d.%d' % sys.version_info[:3])"
    if need_venv:
        script = "import ensurepip, venv\n" + script
    try:
        done = call([str(command), "-c", script], quiet=True)
    except OSError:
        return None
    lines = done.stdout.splitlines()
    return Interpreter(lines[0], lines[1]) if done.returncode == 0 and len(lines) == 2 else None


def candidates(version: str) -> Iterable[Path]:
    """Yield the commands that may run Python `version`: on the PATH, then what pyenv keeps."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = Path(folder) / f"python{version}"
        if os.access(path, os.X_OK):
            yield path
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from sorted(kept.glob(f"{version}.*/bin/python{version}"), reverse=True)


def find_links() -> list[str]:
    """Return the folders of wheels that pip was told of."""
    return os.environ.get("PIP_FIND_LINKS", "").split()


def pythons_with_wheel(name: str) -> set[str]:
    """Return the Python versions for which the folders of wheels hold one of `name`."""
    wheels = (wheel for folder in find_links() for wheel in Path(folder).glob(f"{name}-*-cp3*.whl"))
    tags = (re.search(r"-cp3(\d+)-", wheel.name) for wheel in wheels)
    return {f"3.{tag.group(1)}" for tag in tags if tag}


def find_application_python() -> Interpreter:
    """Return the Python for the application; prefer one for which a torch wheel is at hand."""
    chosen = os.environ.get("BOOTSTRAP_PYTHON")
    if chosen:
        return probe(chosen, need_venv=True) or stop(
            f"BOOTSTRAP_PYTHON={chosen} does not run, or lacks the modules venv and ensurepip.", MISSING
        )
    at_hand = pythons_with_wheel("torch")
    incomplete = None
    for version in sorted(APPLICATION_PYTHONS, key=lambda version: version not in at_hand):
        for command in candidates(version):
            found = probe(command, need_venv=True)
            if found:
                return found
            incomplete = incomplete or probe(command)
    if incomplete:
        stop(
            f"{incomplete.path} is there, but without the modules venv and ensurepip. On Debian and Ubuntu:\n"
            f"    apt-get install python{incomplete.minor}-venv",
            MISSING,
        )
    oldest, newest = APPLICATION_PYTHONS[0], APPLICATION_PYTHONS[-1]
    stop(
        f"a Python from {oldest} to {newest} is needed and none was found. One of:\n"
        f"    apt-get install python{oldest} python{oldest}-venv\n"
        f"    uv python install {oldest}\n"
        "or name an interpreter: BOOTSTRAP_PYTHON=/path/to/python make run",
        MISSING,
    )


def find_rasa_python(uv: Path) -> Interpreter:
    """Return a Python 3.10, looked for on the PATH, in pyenv, then among uv's own."""
    chosen = os.environ.get("BOOTSTRAP_RASA_PYTHON")
    commands: list[str | Path] = [chosen] if chosen else list(candidates(RASA_PYTHON))
    if not chosen:
        # Looks only: UV_PYTHON_DOWNLOADS keeps it from fetching one.
        kept = call([str(uv), "python", "find", RASA_PYTHON], quiet=True, UV_PYTHON_DOWNLOADS="never")
        commands += kept.stdout.split()
    for command in commands:
        found = probe(command)
        if found and found.minor == RASA_PYTHON:
            return found
    where = f" at BOOTSTRAP_RASA_PYTHON={chosen}" if chosen else ""
    stop(
        f"Rasa needs Python {RASA_PYTHON} and none was found{where}. One of:\n"
        f"    {uv.relative_to(ROOT)} python install {RASA_PYTHON}\n"
        f"    apt-get install python{RASA_PYTHON}        (where the system still has it)\n"
        f"    pyenv install {RASA_PYTHON}\n"
        "or name an interpreter: BOOTSTRAP_RASA_PYTHON=/path/to/python3.10 make run",
        MISSING,
    )


def recorded_version(folder: Path) -> str:
    """Return the Python version that an environment says it was made with, or an empty string."""
    try:
        text = (folder / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return ""
    match = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", text, re.MULTILINE)
    return match.group(1) if match else ""


def fingerprint(environment: Environment) -> str:
    """Return the hash of everything the environment is made from."""
    digest = hashlib.sha256(repr((environment.requirements, UV_REQUIREMENT)).encode())
    digest.update(recorded_version(environment.folder).encode())
    for path in environment.inputs:
        digest.update((ROOT / path).read_bytes())
    return digest.hexdigest()


def is_fresh(environment: Environment) -> bool:
    """Say whether the environment is there and was made from the present files."""
    if not os.access(environment.python, os.X_OK):
        return False
    try:
        stamp = (environment.folder / STAMP).read_text(encoding="utf-8")
    except OSError:
        return False
    return stamp.strip() == fingerprint(environment)


def announce(position: int, environment: Environment, interpreter: Interpreter) -> None:
    """Say what is about to be made and how long it takes."""
    folder = environment.folder.relative_to(ROOT)
    say(f"[{position}/2] {environment.label} environment ({folder}, Python {interpreter.version})")
    say("      installing its packages; the first time usually takes 1 to 3 minutes")


def make_folder(environment: Environment, interpreter: Interpreter, command: list[str]) -> None:
    """Create the environment's folder, afresh when what is there is broken or of another Python."""
    found = probe(environment.python)
    if found and found.minor == interpreter.minor:
        return
    if environment.folder.is_dir():
        say(f"      {environment.folder.relative_to(ROOT)} is broken or of another Python: making it again")
        shutil.rmtree(environment.folder)
    run([*command, str(environment.folder)])


def install(environment: Environment, uv: Path) -> None:
    """Install the packages, then leave the stamp."""
    started = time.monotonic()
    stamp = environment.folder / STAMP
    if stamp.exists():
        stamp.unlink()  # a failure from here on must not look like a finished environment
    variables = {"UV_PYTHON_DOWNLOADS": "never"}
    if find_links():
        # uv does not read pip's variable, and separates entries with commas.
        variables["UV_FIND_LINKS"] = ",".join(find_links())
    target = ["--python", str(environment.python), "--constraints", environment.constraints]
    # A log needs no list of 240 packages; a terminal gets uv's progress bars.
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    run([str(uv), "pip", "install", *quiet, *target, *environment.requirements], **variables)
    stamp.write_text(fingerprint(environment) + "\n", encoding="utf-8")
    say(f"      done in {time.monotonic() - started:.0f} s")


def install_uv(environment: Environment, uv: Path) -> None:
    """Put uv into the application's environment with the pip that it was made with."""
    if not uv.exists():
        pip = [str(environment.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, UV_REQUIREMENT])


def warn_about_cuda() -> None:
    """Say how to avoid gigabytes of CUDA packages where nothing chooses the CPU build of torch."""
    choices = ("PIP_FIND_LINKS", "UV_FIND_LINKS", "UV_TORCH_BACKEND", "UV_INDEX", "UV_DEFAULT_INDEX")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in choices):
        say("      torch may bring 3 GB of CUDA packages that Guichet does not use:")
        say("      set UV_TORCH_BACKEND=cpu to do without them")


def environments(*, production: bool) -> tuple[Environment, Environment]:
    """Return the two environments to make."""
    application = Environment(
        label="Application",
        folder=ROOT / ".venv",
        inputs=("pyproject.toml", "constraints.txt"),
        requirements=("--editable", "." if production else ".[dev]"),
        constraints="constraints.txt",
    )
    rasa = Environment(
        label="Rasa",
        folder=ROOT / "bot" / ".venv",
        inputs=("bot/requirements.txt", "bot/constraints.txt"),
        requirements=("--requirements", "bot/requirements.txt"),
        constraints="bot/constraints.txt",
    )
    return application, rasa


def bootstrap(*, production: bool) -> None:
    """Make what is missing or stale."""
    application, rasa = environments(production=production)
    if is_fresh(application) and is_fresh(rasa):
        return
    uv = application.folder / "bin" / "uv"
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once would install over each other
        if not is_fresh(application):
            python = find_application_python()
            announce(1, application, python)
            make_folder(application, python, [python.path, "-m", "venv"])
            install_uv(application, uv)
            warn_about_cuda()
            install(application, uv)
        if not is_fresh(rasa):
            python = find_rasa_python(uv)
            announce(2, rasa, python)
            make_folder(rasa, python, [str(uv), "venv", "--quiet", "--python", python.path])
            install(rasa, uv)
    say("Both environments are ready.")


def main(arguments: list[str]) -> None:
    """Read the command line."""
    unknown = [argument for argument in arguments if argument != "--production"]
    if unknown:
        print((__doc__ or "").strip())
        raise SystemExit(0 if unknown[0] in ("-h", "--help") else MISSING)
    bootstrap(production="--production" in arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
