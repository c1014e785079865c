"""Brings a folder of national sheets into the `national` layer, and says what it did with each.

Only files that an import wrote are ever changed or removed: their front matter says `imported`.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.article import NATIONAL, SOURCE_LANGUAGE, read_article
from knowledge.frontmatter import Loader, split_front_matter
from knowledge.national.convert import article_text
from knowledge.national.layer import alone_in, recovered, replace_files
from knowledge.national.report import Report, Skipped
from knowledge.national.sheet import NotASheetError, Sheet, article_id, read_sheet
from knowledge.national.topics import Topics, UnmappedError, load_topics
from knowledge.national.xml_file import XmlError
from knowledge.problems import Problem
from knowledge.taxonomy import load_taxonomy

# What else the State puts in the folder: lists of its sheets.
COMPANIONS = ("arborescence.xml", "menu.xml", "redirections.xml")


class NothingToImportError(ValueError):
    """The folder holds no XML file."""


@dataclass(frozen=True)
class _Written:
    """An article to be: its place in the layer and its text."""

    id: str
    place: Path
    text: str


def import_sheets(
    folder: Path, content_dir: Path, *, prune: bool = False, topics: Topics | None = None
) -> Report:
    """Import every sheet of a folder.

    Args:
        folder: the XML files, as the State gives them to local authorities.
        content_dir: the knowledge base; its `directory/places` says which département this is.
        prune: also remove the articles of sheets that the folder no longer has.
        topics: what the sheets are about; by default `topics.yml`.

    Raises:
        NothingToImportError: the folder holds no XML file.
        BlockingIOError: another import is at work on this knowledge base.
        ContentError: `topics.yml` is wrong.
        OSError: the layer cannot be written.
    """
    files = sorted(path for path in folder.glob("*.xml") if path.name not in COMPANIONS)
    if not files:
        raise NothingToImportError(f"{folder} holds no XML file")
    topics = topics or load_topics()
    layer = (content_dir / NATIONAL).resolve()
    report = Report()
    with alone_in(content_dir):
        recovered(layer)
        articles, damaged = _articles(files, topics, _departement(content_dir), report)
        _put_in_place(layer, articles, damaged, report, prune=prune)
    return report


def _articles(
    files: list[Path], topics: Topics, departement: str | None, report: Report
) -> tuple[dict[str, _Written], set[str]]:
    """Return the articles by id, and the ids of those whose sheet could not be read."""
    articles: dict[str, _Written] = {}
    first: dict[str, Path] = {}
    damaged = set()
    for path in files:
        try:
            sheet = read_sheet(path)
            if sheet.id in first:
                raise XmlError(
                    path, sheet.root.line, "ID", f"{sheet.id} is already that of {first[sheet.id]}"
                )
            first[sheet.id] = path
            topic = topics.topic_of(sheet)
            article = _article(sheet, topic, departement)
        except NotASheetError as reason:
            report.skipped.append(Skipped(path.name, "", str(reason)))
        except UnmappedError as reason:
            report.skipped.append(Skipped(path.name, sheet.title, str(reason)))
        except XmlError as error:
            report.problems.append(error.problem)
            damaged.add(article_id(path.stem))
        else:
            articles[article.id] = article
            report.topics[topic] += 1
    return articles, damaged


def _article(sheet: Sheet, topic: str, departement: str | None) -> _Written:
    """Write an article, and read it again as the assistant will: what would be refused is not imported."""
    domain = load_taxonomy().family_of(topic)
    text = article_text(sheet, topic, departement)
    with tempfile.TemporaryDirectory() as aside:
        path = Path(aside) / f"{sheet.article_id}.md"
        path.write_text(text, encoding="utf-8")
        _, problems = read_article(path, layer=NATIONAL, language=SOURCE_LANGUAGE, domain=domain)
    if problems:
        reason = f"would be no valid article: {problems[0].field}: {problems[0].reason}"
        raise XmlError(sheet.path, sheet.root.line, "sheet", reason)
    return _Written(sheet.article_id, Path(SOURCE_LANGUAGE, domain, f"{sheet.article_id}.md"), text)


def _put_in_place(
    layer: Path, articles: Mapping[str, _Written], damaged: set[str], report: Report, *, prune: bool
) -> None:
    existing = dict(_existing(layer))
    ours = {path.stem: path for path, imported in existing.items() if imported}
    changes: dict[Path, str | None] = {}
    for id_, article in articles.items():
        before = ours.get(id_)
        if before is None and article.place in existing:
            reason = "is there already, and no import wrote it: left as it is"
            report.problems.append(Problem(layer / article.place, 1, "imported", reason))
        elif before is None:
            report.added.append(id_)
            changes[article.place] = article.text
        elif before == article.place and (layer / before).read_text(encoding="utf-8") == article.text:
            report.unchanged.append(id_)
        else:
            report.changed.append(id_)
            changes |= {before: None, article.place: article.text}
    for id_ in sorted(ours.keys() - articles.keys() - damaged):
        (report.removed if prune else report.kept).append(id_)
        changes |= {ours[id_]: None} if prune else {}
    if changes:
        replace_files(layer, changes)


def _existing(layer: Path) -> Iterator[tuple[Path, bool]]:
    """Yield the files of the layer, by their path in it, and whether an import wrote them."""
    for path in sorted(layer.rglob("*.md")):
        try:
            front = yaml.load(split_front_matter(path.read_text(encoding="utf-8")).front, Loader)  # noqa: S506
        except (ValueError, yaml.YAMLError):  # a text of somebody's, such as the README
            front = None
        yield path.relative_to(layer), isinstance(front, dict) and isinstance(front.get("imported"), dict)


def _departement(content_dir: Path) -> str | None:
    """Return the code of the département whose places the directory holds, None when that is not one."""
    codes = [path.stem for path in (content_dir / "directory" / "places").glob("*.json")]
    return codes[0] if len(codes) == 1 else None
