"""`guichet kb`: check the knowledge base, index it, ask it a question."""

import json
from pathlib import Path
from typing import Annotated

import typer

from guichet import kb_diff, kb_eval, kb_search
from guichet.console import JsonOption, Progress, fail, settings_or_exit
from guichet.settings import Settings

app = typer.Typer(help="The knowledge base: check it, index it, search it.", no_args_is_help=True)
app.command()(kb_search.search)
app.command()(kb_diff.diff)
app.command(name="eval")(kb_eval.evaluate)

FAULTS = 1


@app.command()
def check(
    fix_hashes: Annotated[
        bool, typer.Option("--fix-hashes", help="First declare every translation up to date.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check articles, directory and texts, one line a problem; exit code 1 if there is an error."""
    from knowledge.check import run  # noqa: PLC0415 - slow to load

    settings = settings_or_exit()
    raise typer.Exit(
        run(
            settings.content_dir,
            fix_hashes=fix_hashes,
            as_json=as_json,
            national_max_age=settings.national_max_age,
            departement=settings.departement,
        )
    )


@app.command()
def index(
    if_stale: Annotated[
        bool, typer.Option("--if-stale", help="Only if the content or the model changed.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to an older generation instead of building one.")
    ] = False,
    generation: Annotated[
        str | None, typer.Argument(help="With --rollback: which one; else the one before.")
    ] = None,
) -> None:
    """Publish the content folder: a running assistant answers from it within a second, with no restart.

    It does so by itself when a file is saved; this command is for scripts, or GUICHET_WATCH_CONTENT=false.
    Refused, with exit code 1, while a file has an error. What --rollback brings back stays until a file
    changes.
    """
    settings = settings_or_exit()
    if generation and not rollback:
        fail("a generation is only named with --rollback")
    if rollback:
        go_back(settings, generation)
    elif not build(settings, if_stale=if_stale):
        raise typer.Exit(FAULTS)


def build(settings: Settings, *, if_stale: bool) -> bool:
    """Publish the content folder, or say why it cannot be; False when a good generation goes on instead."""
    from knowledge.embedding import CachedEmbedder, IndexingEncoder  # noqa: PLC0415 - slow to load
    from knowledge.index import IndexUnusableError  # noqa: PLC0415 - slow to load
    from knowledge.publish import ContentRefusedError, Outcome, Publisher  # noqa: PLC0415 - slow to load

    # Embeds passages too, and for the bundled model needs no torch, whose loading takes longer than the rest.
    encoder = IndexingEncoder(settings.embedding_model)
    embedder = CachedEmbedder(encoder, settings.cache_dir, model=settings.embedding_model)
    try:
        published = Publisher(settings, embedder).publish(always=not if_stale, on_progress=Progress())
    except ContentRefusedError as error:
        typer.echo(str(error), err=True)
        return False
    except IndexUnusableError as error:
        fail(str(error), FAULTS)
    for problem in published.problems:
        typer.echo(str(problem), err=True)
    if published.errors:
        typer.echo("this is the first generation: it was made of the valid files only", err=True)
    typer.echo(
        {
            Outcome.BUILT: f"generation {published.manifest.id}: {published.manifest.passages} passages",
            Outcome.UNCHANGED: "the index is up to date",
            Outcome.HELD: f"generation {published.manifest.id} was gone back to; no file has changed since",
        }[published.outcome]
    )
    return True


def go_back(settings: Settings, generation: str | None) -> None:
    """Make an older generation the current one, or leave saying why it cannot be."""
    from knowledge.embedding import fingerprint  # noqa: PLC0415 - slow to load
    from knowledge.index import IndexUnusableError  # noqa: PLC0415 - slow to load
    from knowledge.publish import roll_back  # noqa: PLC0415 - slow to load

    try:
        current = roll_back(settings, fingerprint(settings.embedding_model), generation)
    except IndexUnusableError as error:
        fail(str(error), FAULTS)
    typer.echo(f"generation {current} answers, until a file of the content folder changes")


@app.command(name="import")
def import_national(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="The XML sheets, as the State gives them.")
    ],
    content_dir: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="The knowledge base, if another.")
    ] = None,
    topics: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="What each sheet is about, if another.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Also remove the sheets that the folder no longer has.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import the national sheets of service-public.fr; exit code 1 if one could not be.

    Repeat it with newer sheets: only what changed is written. Then `guichet kb index`.
    """
    from knowledge.national.importer import NothingToImportError, import_sheets  # noqa: PLC0415 - slow to load
    from knowledge.national.report import as_lines, as_values  # noqa: PLC0415 - goes with it
    from knowledge.national.topics import TOPICS_FILE, load_topics  # noqa: PLC0415 - goes with it
    from knowledge.yaml_files import ContentError  # noqa: PLC0415 - goes with it

    target = content_dir or settings_or_exit().content_dir
    try:
        report = import_sheets(folder, target, prune=prune, topics=load_topics(topics or TOPICS_FILE))
    except (NothingToImportError, ContentError) as error:
        fail(str(error))
    except BlockingIOError:
        fail(f"another import is at work on {target}", FAULTS)
    except OSError as error:
        fail(f"nothing was changed: {error}", FAULTS)
    for problem in report.problems:
        typer.echo(str(problem), err=True)
    if as_json:
        typer.echo(json.dumps(as_values(report)))
    else:
        typer.echo("\n".join(as_lines(report)))
    raise typer.Exit(FAULTS if report.problems else 0)
