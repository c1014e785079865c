"""What a sheet is: its identity, its date, where it stands among the others, and its text as read."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.national.xml_file import Node, XmlError, read_xml, text_of

SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"
SITE = "https://www.service-public.fr/particuliers/vosdroits/"
_SCHEMA_3 = re.compile(r"(^|/)3(\.\d+)*/Publication\.xsd$")
_ID = re.compile(r"[FN]\d+")
_SHEET_TYPE = "Fiche"  # "Fiche d'information", "Fiche Question-réponse conditionnée", …
_RESOURCE = "ServiceComplementaire"  # the root of a form, a simulator, a word of the glossary


class NotASheetError(ValueError):
    """A file of the same folder that holds no text of its own; its text says what it is."""


@dataclass(frozen=True)
class Place:
    """A dossier or a theme that a sheet belongs to."""

    id: str
    title: str


@dataclass(frozen=True)
class Sheet:
    """A sheet of service-public.fr.

    Attributes:
        id: such as `F10009`.
        url: its page.
        updated: the day the State last changed or checked it.
        author: who writes it.
        description: the summary it carries, in plain text.
        dossier, sub_theme, theme: where it stands, from the nearest; None where it does not say.
        root: the whole file.
    """

    path: Path
    id: str
    title: str
    url: str
    updated: date
    author: str
    description: str
    dossier: Place | None
    sub_theme: Place | None
    theme: Place | None
    root: Node

    @property
    def article_id(self) -> str:
        """The id of its article."""
        return article_id(self.id)

    def page(self, id_: str) -> str:
        """The address of another sheet of the same site."""
        return self.url.replace(self.id, id_) if self.id in self.url else f"{SITE}{id_}"


def article_id(sheet_id: str) -> str:
    """Return the id of the article that a sheet becomes."""
    return f"sp-{sheet_id.lower()}"


def read_sheet(path: Path) -> Sheet:
    """Read a sheet.

    Raises:
        NotASheetError: the file is a resource, or a dossier, which only lists sheets.
        XmlError: the file is damaged, of another schema, or lacks its identifier, title or date.
    """
    root = read_xml(path)
    if root.tag == _RESOURCE:
        raise NotASheetError(f"a resource ({root.get('type') or 'of no type'}), not a sheet")
    if root.tag != "Publication" or not _SCHEMA_3.search(root.get(SCHEMA)):
        given = f"<{root.tag}> of the schema {root.get(SCHEMA) or '(none)'}"
        raise XmlError(path, root.line, "schema", f"must be a <Publication> of the schema 3.x, not {given}")
    id_, title = root.get("ID"), text_of(root.first("dc:title"))
    if not _ID.fullmatch(id_):
        raise XmlError(path, root.line, "ID", f"must be F or N and a number, not {id_!r}")
    if not root.get("type").startswith(_SHEET_TYPE):
        raise NotASheetError(f"a list of sheets ({root.get('type') or 'of no type'}), not a sheet")
    if not title:
        raise XmlError(path, root.line, "dc:title", "is missing")
    return Sheet(
        path=path,
        id=id_,
        title=title,
        url=root.get("spUrl") or f"{SITE}{id_}",
        updated=_updated(path, root),
        author=text_of(root.first("dc:creator")) or text_of(root.first("dc:publisher")),
        description=text_of(root.first("dc:description")),
        dossier=_place(root.first("DossierPere")),
        sub_theme=_place(root.first("SousThemePere")),
        theme=_place(root.first("Theme")),
        root=root,
    )


def _updated(path: Path, root: Node) -> date:
    """Return `dc:date`, which follows every change and check, else the date of the last great change."""
    said = root.first("dc:date")
    words = text_of(said) or root.get("dateDerniereModificationImportante")
    found = re.search(r"\d{4}-\d{2}-\d{2}", words)
    try:
        return date.fromisoformat(found.group() if found else "")
    except ValueError:
        line = said.line if said else root.line
        raise XmlError(path, line, "dc:date", f"must hold a date (YYYY-MM-DD), not {words!r}") from None


def _place(node: Node | None) -> Place | None:
    if node is None or not node.get("ID"):
        return None
    return Place(node.get("ID"), text_of(node.first("Titre")) or node.text)
