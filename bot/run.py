"""Starts the Rasa server of the assistant: `.venv/bin/python run.py`.

`rasa run` works too. This does the same with less: only our channel is served, on the loopback interface, and
the packages that this bot never calls are not imported, which divides the memory by four and the starting
time by three (README.md has the figures). Options are those of `rasa run` that make sense here.
"""

import argparse
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

BOT_DIR = Path(__file__).resolve().parent
LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8005
STOPPING_SECONDS = 3.0

DEFAULTS = {
    "GUICHET_ACTIONS_URL": "http://127.0.0.1:8055",
    "GUICHET_REDIS_URL": "",
    "GUICHET_TRACKER_HOURS": "24",
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Read by Rasa's loggers when they are imported.
    "LOG_LEVEL_LIBRARIES": "ERROR",
}


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interface", "-i", default=LOOPBACK, help="loopback address to listen on")
    parser.add_argument("--port", "-p", type=int, default=DEFAULT_PORT)
    parser.add_argument(
        "--model", "-m", type=Path, default=BOT_DIR / "models", help="a model, or a folder of models"
    )
    parser.add_argument("--credentials", type=Path, default=BOT_DIR / "credentials.yml")
    parser.add_argument("--endpoints", type=Path, default=BOT_DIR / "endpoints.yml")
    parser.add_argument("--log-level", default=os.environ.get("LOG_LEVEL", "WARNING").upper())
    return parser.parse_args(arguments)


def prepare() -> None:
    """Set the defaults and leave packages out; before anything of Rasa is imported."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore", DeprecationWarning)
    sys.path.insert(0, str(BOT_DIR))
    from components import hollow  # noqa: PLC0415 - its folder is on the path only now

    hollow.leave_out((*hollow.LEARNING, *hollow.SERVICES, *hollow.SERVING))


def log(level: str) -> None:
    """Send what Rasa logs to standard error, at this level and above."""
    import structlog  # noqa: PLC0415

    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-8s %(name)s  %(message)s")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def serve(options: argparse.Namespace) -> None:
    """Load the model and serve until the process is stopped."""
    from components import hollow  # noqa: PLC0415
    from rasa.core.agent import load_agent  # noqa: PLC0415
    from rasa.core.channels.channel import register  # noqa: PLC0415
    from rasa.core.utils import AvailableEndpoints  # noqa: PLC0415
    from rasa.shared.utils.common import class_from_module_path  # noqa: PLC0415
    from rasa.shared.utils.io import read_config_file  # noqa: PLC0415
    from sanic import Sanic  # noqa: PLC0415

    # Sanic turns these back on when it is imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    endpoints = AvailableEndpoints.read_endpoints(str(options.endpoints))
    channels = [
        class_from_module_path(name).from_credentials(settings)
        for name, settings in read_config_file(str(options.credentials)).items()
    ]
    app = Sanic("guichet_rasa", configure_logging=False)
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = STOPPING_SECONDS
    register(channels, app, route="/webhooks/")

    async def load(app: Sanic, loop: Any) -> None:
        app.ctx.agent = await load_agent(model_path=str(options.model), endpoints=endpoints, loop=loop)
        if not app.ctx.agent.is_ready():
            # Rasa has logged why.
            raise SystemExit(f"the model of {options.model} cannot be loaded")
        hollow.seal()

    async def close(app: Sanic, _: Any) -> None:
        endpoint = app.ctx.agent.processor.action_endpoint
        if hasattr(endpoint, "close"):
            await endpoint.close()

    app.register_listener(close, "after_server_stop")
    app.register_listener(load, "before_server_start")
    app.run(host=options.interface, port=options.port, workers=1, access_log=False, motd=False)


def main() -> None:
    """Run the command."""
    options = parse_arguments(sys.argv[1:])
    if not options.model.is_file() and not any(options.model.glob("*.tar.gz")):
        sys.exit(f"there is no model in {options.model}: run train.py")
    if not os.environ.get("GUICHET_RASA_SECRET"):
        sys.exit("GUICHET_RASA_SECRET is not set: nothing is served without it")
    prepare()
    log(options.log_level)
    serve(options)


if __name__ == "__main__":
    main()
