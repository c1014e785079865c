"""Turns a sheet into an article: the State's words in our sections, with what its licence asks to say.

Nothing is reworded. A chapter goes into the section that its title names (`chapters.yml`), under its own
title; what a sheet only links to goes into `links`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

import yaml

from knowledge.article import SOURCE_LANGUAGE, ArticleType
from knowledge.national.blocks import Setting, blocks, bulleted, case_name, title
from knowledge.national.chapters import Chapters, load_chapters
from knowledge.national.departement import only_departement
from knowledge.national.inline import Links, escaped, inline, paragraph
from knowledge.national.sheet import Sheet
from knowledge.national.short import opening, short_answer
from knowledge.national.xml_file import Node, text_of
from knowledge.sections import SectionKey
from knowledge.taxonomy import REDIRECT_PREFIX

SITE_NAME = "service-public.fr"
PUBLISHER = "Direction de l'information légale et administrative (DILA)"
LICENCE = "Licence Ouverte 2.0"
LICENCE_URL = "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf"
MARK = "# Written by `guichet kb import`, which will write it again: change it in the layer `local` instead."

_TEXTS = ("Texte", "ListeSituations")
_LINKS = (
    "RechercheGuidee",
    "QuestionReponse",
    "CommentFaireSi",
    "PourEnSavoirPlus",
    "Reference",
    "VoirAussi",
)
_ABOUT_THE_SHEET = (
    "SurTitre",
    "TitreRiche",
    "Audience",
    "Canal",
    "FilDAriane",
    "Theme",
    "SousThemePere",
    "DossierPere",
    "SousDossierPere",
    "Cible",
    "Introduction",
)
_ORDER = (
    SectionKey.CONDITIONS,
    SectionKey.STEPS,
    SectionKey.DOCUMENTS,
    SectionKey.DELAYS,
    SectionKey.AMOUNT,
    SectionKey.APPEAL,
    SectionKey.CONTACT,
)
_FIRST_LEVEL = 3  # of the headings inside a section
_OF_A_SUBCHAPTER = (SectionKey.DOCUMENTS, SectionKey.APPEAL)  # what a subchapter may take out of its chapter


class _Dumper(yaml.SafeDumper):
    """Writes a date that stands twice in full both times, for people to read."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's
        return True


@dataclass(frozen=True)
class Piece:
    """Blocks of one section, under the titles that stand over them in the sheet."""

    key: SectionKey
    titles: tuple[str, ...]
    blocks: list[str]


def article_text(sheet: Sheet, topic: str, departement: str | None = None) -> str:
    """Return the file of a sheet's article.

    Args:
        sheet: what was read.
        topic: of the taxonomy.
        departement: whose services to keep, where the sheet lists those of all (`13`); None keeps them all.
    """
    root = only_departement(sheet.root, departement) if departement else sheet.root
    setting = Setting(Links(sheet.page("{}"), _services(root)), _cases(root))
    chapters = load_chapters()
    introduction = opening(root.first("Introduction"))
    summary = sheet.description.rstrip(".") + "."  # it often lacks its full stop
    short = short_answer((introduction, *map(opening, _bodies(root)), summary), sheet.title, SOURCE_LANGUAGE)
    said = _introduction(root, setting)
    pieces = [piece for piece in _pieces(sheet, root, chapters, setting) if piece.blocks]
    if not pieces or text_of(root.first("Introduction")) != short:  # what is said whole is not said twice
        pieces = [piece for piece in said if piece.blocks] + pieces
    front = _front_matter(sheet, root, topic, setting)
    return f"---\n{MARK}\n{front}---\n{paragraph(escaped(short))}\n{_sections(pieces, chapters)}"


def _front_matter(sheet: Sheet, root: Node, topic: str, setting: Setting) -> str:
    redirect = topic.startswith(REDIRECT_PREFIX)
    updated = sheet.updated
    source = f"{sheet.title} ({SITE_NAME}, DILA, {LICENCE})"
    fields = {
        "id": sheet.article_id,
        "type": str(ArticleType.REDIRECT if redirect else ArticleType.INFORMATION),
        "topic": topic,
        "language": SOURCE_LANGUAGE,
        "title": sheet.title,
        "audience": "public",
        "owner": PUBLISHER,
        "written": updated,
        "reviewed": None,
        "sources": [{"title": source, "url": sheet.url, "consulted": updated}],
        "links": [{"title": name, "url": url} for name, url in _outgoing(root, setting.links)],
        "imported": {
            "sheet": sheet.id,
            "author": f"{sheet.author or PUBLISHER}, {SITE_NAME}",
            "licence": LICENCE,
            "licence_url": LICENCE_URL,
            "updated": updated,
        },
    }
    return yaml.dump(fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)


def _outgoing(root: Node, links: Links) -> Iterable[tuple[str, str]]:
    """What the sheet links to beside its text: titles and addresses, each once."""
    found: dict[tuple[str, str], None] = {}
    nested = [node for each in root.all("VoirAussi") for node in each.nodes]
    in_glossary = [node for each in root.all("Definition") for node in each.all("Reference")]
    for node in (*root.all(*_LINKS), *nested, *in_glossary):
        url = (node.get("URL") or links.to(node.get("ID"))).replace(" ", "%20")
        named = node.first("Titre")
        about = [text_of(node.first(tag)) for tag in ("Complement", "Source")]
        name = " – ".join(filter(None, [text_of(named) if named else node.text, *about]))
        if name and node.tag != "VoirAussi" and url.startswith(("http://", "https://")):
            found[name, url] = None
    return found


def _pieces(sheet: Sheet, root: Node, chapters: Chapters, setting: Setting) -> Iterator[Piece]:
    """All that the sheet says after its introduction, in its order."""
    otherwise = chapters.section(sheet.title) or chapters.otherwise
    yield Piece(SectionKey.CONDITIONS, (), _alone(root.all("Avertissement"), setting))
    for node in root.nodes:
        if node.tag == "Texte":
            yield from _text(node, (), otherwise, chapters, setting)
        elif node.tag == "ListeSituations":
            for situation in node.all("Situation"):
                yield from _situation(situation, otherwise, chapters, setting)
    yield from _endings(root, chapters, setting)


def _introduction(root: Node, setting: Setting) -> list[Piece]:
    return [Piece(SectionKey.CONDITIONS, (), blocks(node, setting)) for node in root.all("Introduction")]


def _situation(node: Node, otherwise: SectionKey, chapters: Chapters, setting: Setting) -> Iterator[Piece]:
    titles = (title(node, setting),)
    for part in node.nodes:
        if part.tag not in ("Titre", "Condition"):
            yield from _text(part, titles, otherwise, chapters, setting)


def _text(
    node: Node, titles: tuple[str, ...], otherwise: SectionKey, chapters: Chapters, setting: Setting
) -> Iterator[Piece]:
    """A text: its chapters, each in its section, and what stands outside them."""
    for part, chapter in _runs(node, "Chapitre"):
        if not chapter:
            yield Piece(otherwise, titles, blocks(part, setting))
            continue
        key = chapters.section(text_of(part.first("Titre")))
        inside = (*titles, *_title(part, setting))
        for each, subchapter in _runs(part, "SousChapitre"):
            if not subchapter:
                yield Piece(key or chapters.otherwise, inside, blocks(each, setting))
                continue
            own = chapters.section(text_of(each.first("Titre")))
            taken = own if key is None or own in _OF_A_SUBCHAPTER else key
            yield Piece(taken or chapters.otherwise, (*inside, *_title(each, setting)), blocks(each, setting))


def _runs(node: Node, tag: str) -> Iterator[tuple[Node, bool]]:
    """Cut an element at the children of a name: each of them (True), and what stands between them (False)."""
    between: list[Node | str] = []
    for child in node.children:
        if isinstance(child, Node) and child.tag == tag:
            yield replace(node, children=tuple(between)), False
            between = []
            yield child, True
        else:
            between.append(child)
    yield replace(node, children=tuple(between)), False


def _title(node: Node, setting: Setting) -> tuple[str, ...]:
    name, case = title(node, setting), case_name(node, setting)
    return (f"{name} ({case})" if name and case else name or case,) if name or case else ()


def _endings(root: Node, chapters: Chapters, setting: Setting) -> Iterator[Piece]:
    """What follows the text: services, contacts, glossary, and anything that the schema has gained since."""
    yield Piece(SectionKey.STEPS, (chapters.services,), _alone(root.all("ServiceEnLigne"), setting))
    yield Piece(SectionKey.CONTACT, (), _alone(root.all("OuSAdresser"), setting))
    glossary = [
        [f"**{title(node, setting)}** : {inline(text, setting.links)}"]
        for node in root.all("Definition", "Abreviation")
        if (text := node.first("Texte"))
    ]
    known = (*_TEXTS, *_LINKS, *_ABOUT_THE_SHEET, "Avertissement", "ServiceEnLigne", "OuSAdresser")
    other = [
        node
        for node in root.nodes
        if node.tag not in (*known, "Definition", "Abreviation") and not node.tag.startswith("dc:")
    ]
    yield Piece(SectionKey.CONDITIONS, (), _alone(other, setting))
    yield Piece(SectionKey.CONDITIONS, (chapters.glossary,), bulleted(glossary))


def _alone(nodes: Iterable[Node], setting: Setting) -> list[str]:
    return [block for node in nodes for block in blocks(replace(node, children=(node,)), setting)]


def _sections(pieces: Iterable[Piece], chapters: Chapters) -> str:
    by_key: dict[SectionKey, list[Piece]] = {key: [] for key in _ORDER}
    for piece in pieces:
        by_key[piece.key].append(piece)
    return "".join(
        f"\n## {chapters.titles[key]} {{#{key}}}\n\n" + "\n\n".join(_under_titles(found)) + "\n"
        for key, found in by_key.items()
        if found
    )


def _under_titles(pieces: Iterable[Piece]) -> Iterator[str]:
    before: tuple[str, ...] = ()
    for piece in pieces:
        kept = _in_common(before, piece.titles)
        for depth, name in enumerate(piece.titles[kept:], start=kept):
            yield f"{'#' * min(_FIRST_LEVEL + depth, 6)} {name}"
        before = piece.titles
        yield from piece.blocks


def _in_common(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    """How many titles two pieces share, from the first."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _services(root: Node) -> Mapping[str, str]:
    return {
        node.get("ID"): node.get("URL")
        for node in root.walk()
        if node.tag == "ServiceEnLigne" and node.get("URL")
    }


def _cases(root: Node) -> Mapping[str, str]:
    """The names of situations and cases by the only variable that shows each of them."""
    names: dict[str, str] = {}
    for node in root.walk():
        condition = node.first("Condition") if node.tag in ("Situation", "Cas") else None
        if condition and len(condition.nodes) == 1 and condition.nodes[0].tag == "estVrai":
            names.setdefault(condition.nodes[0].get("var"), text_of(node.first("Titre")))
    return names


def _bodies(root: Node) -> Iterator[Node]:
    for node in root.all(*_TEXTS):
        yield from node.all("Situation") if node.tag == "ListeSituations" else (node,)
