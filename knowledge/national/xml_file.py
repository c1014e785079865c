"""Reads an XML file into plain immutable nodes; a document type, and so every entity, is refused.

The sheets come from outside. Refusing document types closes what XML can be made to do (entities that grow
without end, files and addresses that the parser would open): the sheets have none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from knowledge.problems import Problem

DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_APART = ("Paragraphe", "Titre", "Item", "Cellule")  # their words do not run into what follows
MAX_DEPTH = 100  # a sheet has about twenty levels


class XmlError(ValueError):
    """A file that cannot be used.

    Attributes:
        problem: what is wrong, with the file and the line.
    """

    def __init__(self, path: Path, line: int, field: str, reason: str) -> None:
        self.problem = Problem(path, line, field, reason)
        super().__init__(str(self.problem))


@dataclass(frozen=True)
class Node:
    """An element.

    Attributes:
        tag: its name; `dc:title` for those of Dublin Core.
        children: elements and texts, in order.
        line: where its opening tag ends in the file, counted from 1.
    """

    tag: str
    attributes: Mapping[str, str]
    children: tuple["Node | str", ...]
    line: int

    @property
    def nodes(self) -> tuple["Node", ...]:
        """The elements among the children."""
        return tuple(child for child in self.children if isinstance(child, Node))

    def all(self, *tags: str) -> tuple["Node", ...]:
        """Return the children of these names."""
        return tuple(node for node in self.nodes if node.tag in tags)

    def first(self, *tags: str) -> "Node | None":
        """Return the first child of these names."""
        return next(iter(self.all(*tags)), None)

    def get(self, attribute: str) -> str:
        """Return an attribute, "" when absent."""
        return self.attributes.get(attribute, "").strip()

    def walk(self) -> Iterator["Node"]:
        """Yield this element and all inside it, in the order of the file."""
        yield self
        for node in self.nodes:
            yield from node.walk()

    @property
    def text(self) -> str:
        """All the text inside, on one line."""
        return " ".join("".join(_texts(self)).split())


def _texts(node: Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        else:
            yield from _texts(child)
            yield " " if child.tag in _APART else ""


def text_of(node: Node | None) -> str:
    """Return the text of an element, "" when there is none."""
    return node.text if node else ""


def read_xml(path: Path) -> Node:
    """Read a file; nothing but the file is opened.

    Raises:
        XmlError: it cannot be read, is not well-formed, or declares a document type.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = etree.fromstring(path.read_bytes(), parser)
    except OSError as error:
        raise XmlError(path, 1, "file", f"cannot be read: {error.strerror}") from error
    except etree.XMLSyntaxError as error:
        raise XmlError(path, error.lineno or 1, "file", f"is not well-formed XML: {error.msg}") from error
    if tree.getroottree().docinfo.doctype:
        raise XmlError(path, 1, "file", "declares a document type, which a sheet never does: not read")
    return _node(tree, path, MAX_DEPTH)


def _node(element: Any, path: Path, depth: int) -> Node:
    if not depth:
        raise XmlError(path, element.sourceline, "file", f"has more than {MAX_DEPTH} levels of elements")
    children: list[Node | str] = [element.text] if element.text else []
    for child in element:
        children.append(_node(child, path, depth - 1))
        if child.tail:
            children.append(child.tail)
    tag = element.tag.replace(DUBLIN_CORE, "dc:")
    return Node(tag, dict(element.attrib), tuple(children), element.sourceline or 1)
