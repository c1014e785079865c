"""scripts/bootstrap.py: finding interpreters, stamps, and what it says when something is missing."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from guichet.settings import ROOT

SCRIPT = ROOT / "scripts" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, in a repository of its own that holds the files it reads."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for path in ("pyproject.toml", "constraints.txt", "bot/requirements.txt", "bot/constraints.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for name in ("BOOTSTRAP_PYTHON", "BOOTSTRAP_RASA_PYTHON", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    return module


def interpreter(folder: Path, name: str, version: str) -> Path:
    """A program that answers as a Python of that version does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {path}\necho {version}\n")
    path.chmod(0o755)
    return path


def broken(folder: Path, name: str) -> Path:
    """A program that fails, as a pyenv shim without its version does."""
    path = interpreter(folder, name, "0")
    path.write_text("#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n")
    return path


def made(module: ModuleType, environment: object, version: str = "3.11.7") -> None:
    """Make an environment's folder as its installation leaves it."""
    folder: Path = environment.folder  # type: ignore[attr-defined]  # the script is no module of ours
    interpreter(folder / "bin", "python", version)
    (folder / "pyvenv.cfg").write_text(f"version = {version}\n")
    (folder / module.STAMP).write_text(module.fingerprint(environment) + "\n")


def test_runs_with_the_standard_library_only() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", SCRIPT, "--help"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "Usage: python3 scripts/bootstrap.py" in done.stdout


def test_an_unknown_option_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--prodution"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2


def test_a_repeat_does_nothing(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for environment in bootstrap.environments(production=False):
        made(bootstrap, environment)
    monkeypatch.setattr(bootstrap, "call", lambda *_, **__: pytest.fail("nothing was to be run"))
    bootstrap.bootstrap(production=False)


@pytest.mark.parametrize("path", ["pyproject.toml", "constraints.txt"])
def test_a_changed_file_makes_the_environment_stale(bootstrap: ModuleType, path: str) -> None:
    application, rasa = bootstrap.environments(production=False)
    made(bootstrap, application)
    made(bootstrap, rasa)
    with (bootstrap.ROOT / path).open("a") as handle:
        handle.write("# changed\n")
    assert not bootstrap.is_fresh(application)
    assert bootstrap.is_fresh(rasa)


def test_production_and_development_are_two_environments(bootstrap: ModuleType) -> None:
    made(bootstrap, bootstrap.environments(production=True)[0])
    assert not bootstrap.is_fresh(bootstrap.environments(production=False)[0])


def test_another_python_or_an_unfinished_installation_is_stale(bootstrap: ModuleType) -> None:
    application, _ = bootstrap.environments(production=False)
    made(bootstrap, application)
    (application.folder / "pyvenv.cfg").write_text("version = 3.12.1\n")
    assert not bootstrap.is_fresh(application)
    made(bootstrap, application)
    (application.folder / bootstrap.STAMP).unlink()
    assert not bootstrap.is_fresh(application)


def test_a_shim_that_does_not_run_is_passed_over(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(tmp_path / "shims", "python3.10")
    kept = interpreter(tmp_path / "pyenv" / "versions" / "3.10.13" / "bin", "python3.10", "3.10.13")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    found = bootstrap.find_rasa_python(Path("/bin/false"))
    assert found == (str(kept), "3.10.13")


def test_an_interpreter_of_uvs_is_found(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = interpreter(tmp_path / "uv", "python3.10", "3.10.19")
    uv = tmp_path / "fake-uv"
    uv.write_text(
        f'#!/bin/sh\n[ "$1 $2 $3 $UV_PYTHON_DOWNLOADS" = "python find 3.10 never" ] && echo {kept}\n'
    )
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "empty"))
    assert bootstrap.find_rasa_python(uv) == (str(kept), "3.10.19")


def test_without_python_3_10_it_says_how_to_get_it(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "empty"))
    with pytest.raises(SystemExit) as stopped:
        bootstrap.find_rasa_python(broken(bootstrap.ROOT / ".venv" / "bin", "uv"))
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "Python 3.10" in said
    assert "python install 3.10" in said
    assert "apt-get install python3.10" in said


def test_a_named_interpreter_of_another_version_is_refused(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = interpreter(tmp_path, "python3.12", "3.12.1")
    monkeypatch.setenv("BOOTSTRAP_RASA_PYTHON", str(other))
    with pytest.raises(SystemExit):
        bootstrap.find_rasa_python(broken(bootstrap.ROOT / ".venv" / "bin", "uv"))
    assert str(other) in capsys.readouterr().err


def test_the_python_that_has_a_torch_wheel_is_preferred(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("3.11", "3.12", "3.13"):
        interpreter(tmp_path / "bin", f"python{version}", f"{version}.1")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "torch-2.13.0+cpu-cp312-cp312-manylinux_2_28_x86_64.whl").touch()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "empty"))
    assert bootstrap.find_application_python().minor == "3.11"
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    assert bootstrap.find_application_python().minor == "3.12"


def test_without_a_current_python_it_says_how_to_get_it(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "empty"))
    with pytest.raises(SystemExit) as stopped:
        bootstrap.find_application_python()
    assert stopped.value.code == 2
    assert "apt-get install python3.11" in capsys.readouterr().err


def test_a_folder_of_wheels_is_passed_on_to_uv(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application, _ = bootstrap.environments(production=False)
    made(bootstrap, application)
    seen = tmp_path / "seen"
    uv = tmp_path / "fake-uv"
    uv.write_text(f'#!/bin/sh\necho "$UV_FIND_LINKS|$*" > {seen}\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels /more")
    bootstrap.install(application, uv)
    variables, _, words = seen.read_text().partition("|")
    assert variables == "/wheels,/more"
    assert "--constraints constraints.txt" in words
    assert bootstrap.is_fresh(application)


def test_a_failed_installation_leaves_no_stamp(bootstrap: ModuleType, tmp_path: Path) -> None:
    application, _ = bootstrap.environments(production=False)
    made(bootstrap, application)
    failing = broken(tmp_path, "fake-uv")
    with pytest.raises(SystemExit) as stopped:
        bootstrap.install(application, failing)
    assert stopped.value.code == 1
    assert not bootstrap.is_fresh(application)


def test_an_environment_of_another_python_is_made_again(bootstrap: ModuleType, tmp_path: Path) -> None:
    _, rasa = bootstrap.environments(production=False)
    made(bootstrap, rasa, "3.11.7")
    maker = tmp_path / "maker"
    maker.write_text('#!/bin/sh\nmkdir -p "$1"/bin && touch "$1"/new\n')
    maker.chmod(0o755)
    bootstrap.make_folder(rasa, bootstrap.Interpreter("/usr/bin/python3.10", "3.10.13"), [str(maker)])
    assert (rasa.folder / "new").exists()
    assert not (rasa.folder / "pyvenv.cfg").exists()
