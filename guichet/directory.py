"""`guichet directory`: check the directory of services, import services, make the places of a département."""

from pathlib import Path
from typing import Annotated

import typer

from guichet.console import JsonOption, fail, settings_or_exit

app = typer.Typer(
    help="The directory of services: check it, import services and places.", no_args_is_help=True
)

FAULTS = 1
ContentDir = Annotated[
    Path | None, typer.Option(exists=True, file_okay=False, help="The knowledge base, if another.")
]


@app.command()
def check(as_json: JsonOption = False) -> None:
    """Check services, sites, places and rules, one line a problem; exit code 1 if there is an error.

    `guichet kb check` does this too, with the articles; this one takes a second.
    """
    from knowledge.check import report  # noqa: PLC0415 - slow to load
    from knowledge.checks.directory import check_directory  # noqa: PLC0415 - goes with it

    settings = settings_or_exit()
    problems = check_directory(settings.content_dir, settings.departement)
    raise typer.Exit(report(problems, as_json=as_json))


@app.command(name="import")
def import_directory(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The State's export, JSON.")],
    content_dir: ContentDir = None,
) -> None:
    """Write a file for each service of the State's directory, to be reviewed; never over an existing file."""
    from knowledge.annuaire import import_services  # noqa: PLC0415 - slow to load
    from knowledge.yaml_files import ContentError  # noqa: PLC0415 - goes with it

    try:
        done = import_services(file, content_dir or settings_or_exit().content_dir)
    except ContentError as error:
        fail(str(error))
    for problem in done.problems:
        typer.echo(str(problem), err=True)
    for path in done.written:
        typer.echo(f"{path}: written, to be reviewed")
    for path in done.kept:
        typer.echo(f"{path.name}: exists already, left as it is")
    raise typer.Exit(FAULTS if done.problems else 0)


@app.command()
def places(
    departement: Annotated[str, typer.Argument(help="Its code, such as 67 or 2A.")],
    communes: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="communes.json of the State.")],
    postal_codes: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="codes-postaux.json, for other names.")
    ] = None,
    content_dir: ContentDir = None,
) -> None:
    """Make the file of a département's communes and postal codes, or bring it up to date."""
    from knowledge.places_file import make_places, written  # noqa: PLC0415 - slow to load
    from knowledge.yaml_files import ContentError  # noqa: PLC0415 - goes with it

    folder = (content_dir or settings_or_exit().content_dir) / "directory" / "places"
    try:
        made = make_places(departement, communes, postal_codes)
    except ContentError as error:
        fail(str(error))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{departement}.json"
    target.write_text(written(made), encoding="utf-8")
    typer.echo(f"{target}: {len(made['communes'])} places. GUICHET_DEPARTEMENT={departement} uses it.")
