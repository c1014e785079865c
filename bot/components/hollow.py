"""Lets Rasa be imported without the packages that this bot never calls.

Rasa imports TensorFlow, Keras, JAX and Matplotlib for classifiers and policies, and the clients of a dozen
chat services and databases for channels and stores, whatever the pipeline is. None is called here, and they
are most of the memory and of the starting time of a process (figures in README.md).

`leave_out` puts hollow modules in their place: any name imported from one is an empty class, enough to be a
base class, a decorator or an annotation. Once `seal` is called, taking a name from one is an error that says
so: nothing can quietly run on emptiness. `GUICHET_RASA_HOLLOW=0` imports everything, as Rasa does.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

SWITCH = "GUICHET_RASA_HOLLOW"

LEARNING = (
    "tensorflow",
    "tensorflow_addons",
    "tensorflow_hub",
    "tensorflow_text",
    "keras",
    "jax",
    "matplotlib",
)
"""What other classifiers and policies learn with, and Rasa's drawing of their results."""

SERVICES = (
    *(
        "aiogram",
        "fbmessenger",
        "mattermostwrapper",
        "rocketchat_API",
        "slack_sdk",
        "twilio",
        "webexteamssdk",
    ),
    *("aio_pika", "boto3", "botocore", "confluent_kafka", "pymongo", "socketio"),
)
"""Clients of other channels, stores and brokers."""

SERVING = (
    "sklearn",
    "sklearn_crfsuite",
    "apscheduler",
    "questionary",
    "prompt_toolkit",
    "networkx",
    "pykwalify",
)
"""What training, scheduling and the command line need, and a server does not."""


class HollowError(ImportError):
    """A package that was left out is wanted after all."""


class _State:
    is_sealed = False


class _HollowType(type):
    """Any attribute of a hollow class is another; calling one as a decorator gives back what it decorates."""

    def __getattr__(cls, name: str) -> "_HollowType":
        return _hollow(f"{cls.__name__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not cls.__dict__.get("is_hollow"):
            return super().__call__(*args, **kwargs)
        if len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]
        return _hollow(cls.__name__)

    def __getitem__(cls, _: object) -> "_HollowType":
        return cls

    def __or__(cls, other: object) -> "_HollowType":
        return cls

    __ror__ = __or__


def _hollow(name: str) -> _HollowType:
    last = name.rpartition(".")[2]
    if last.startswith("__") and last.endswith("__"):
        raise AttributeError(name)
    if _State.is_sealed:
        package = name.partition(".")[0]
        raise HollowError(f"{package} was left out (components/hollow.py): {name} needs {SWITCH}=0")
    # An exception, so that `except pymongo.errors.OperationFailure` stays a valid clause.
    return _HollowType(name, (Exception,), {"is_hollow": True})


class _HollowModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return _hollow(f"{self.__name__}.{name}")


class _Finder(MetaPathFinder, Loader):
    def __init__(self, packages: Iterable[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the signature of a finder
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in self._packages:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _HollowModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        # Rasa and its libraries compare versions when they are imported.
        module.__dict__["__version__"] = "0"


def leave_out(packages: Iterable[str]) -> bool:
    """Make these packages hollow for the rest of the process; before Rasa is imported.

    Returns:
        Whether it was done: not when GUICHET_RASA_HOLLOW is 0.

    Raises:
        RuntimeError: One of them is already imported.
    """
    if os.environ.get(SWITCH) == "0":
        return False
    wanted = list(packages)
    imported = sorted(set(wanted) & set(sys.modules))
    if imported:
        raise RuntimeError(f"already imported: {', '.join(imported)}")
    sys.meta_path.insert(0, _Finder(wanted))
    return True


def seal() -> None:
    """From now on, refuse to give names of what was left out."""
    _State.is_sealed = True
