"""`guichet nlu eval`: how well messages are understood, on labelled texts that anybody may bring."""

import os
from pathlib import Path
from typing import Annotated

import typer

from guichet.console import JsonOption, settings_or_exit
from guichet.processes import bot_command

app = typer.Typer(help="What a message means.", no_args_is_help=True)


@app.callback()
def understanding() -> None:
    """What a message means."""


@app.command(name="eval")
def evaluate(
    data: Annotated[Path, typer.Option("--data", "-d", help="Texts, one JSON object a line.")],
    learn_from: Annotated[
        str, typer.Option(help="The language to learn from, where the file has no `train`.")
    ] = "en",
    as_json: JsonOption = False,
) -> None:
    """Measure the classifier of the assistant beside the plainest one of the field.

    A line is {"text", "lang", "intent", "split"} and may have "oos": true. Where the file holds `train` or
    `valid` texts, the classifier learns its intents; otherwise the assistant's own is asked, and what counts
    is how many texts it takes for out of scope: bot/nlu_eval.py says it in full. Shares are followed by
    Wilson's 95 % interval.
    """
    options = ["--data", str(data.absolute()), "--learn-from", learn_from, *(["--json"] if as_json else [])]
    command = bot_command(settings_or_exit(), "nlu_eval.py", *options)
    os.chdir(command.folder)
    os.execve(command.words[0], command.words, dict(command.environment))  # noqa: S606 - our own interpreter
