"""The blocks of a sheet as Markdown: paragraphs, lists, cases, tables, remarks, services, contacts.

A block is a text without blank lines around it. An element that is not known keeps its text: the schema
grows, and nothing of a sheet may be lost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.national.inline import Links, inline, link, paragraph
from knowledge.national.tables import table
from knowledge.national.xml_file import Node

_SILENT = ("Condition", "Colonne", "PivotLocal", "Titre")  # Titre is taken by the element that it names
_REMARKS = ("ANoter", "ASavoir", "Attention", "Rappel", "Avertissement")
_CONTAINERS = ("Texte", "Introduction", "Contenu", "ContenuIllustre", "Description", "Credits", "Item")


@dataclass(frozen=True)
class Setting:
    """What a block needs to know of its sheet.

    Attributes:
        cases: the names of situations and cases, by the condition that shows them: a fragment shown on the
            same condition carries the same name.
    """

    links: Links
    cases: Mapping[str, str]


def blocks(node: Node, setting: Setting) -> list[str]:
    """Return the blocks inside an element, without its own title."""
    found: list[str] = []
    loose = ""
    for child in node.children:
        if isinstance(child, str):
            loose += child
        else:
            found += _block(child, setting)
    if loose.strip():
        return [paragraph(inline(node, setting.links))]
    return found


def case_name(node: Node, setting: Setting) -> str:
    """Return the name of the case in which an element applies, "" when it is unknown or there is none."""
    condition = node.first("Condition")
    only = condition.nodes if condition else ()
    return setting.cases.get(only[0].get("var"), "") if len(only) == 1 and only[0].tag == "estVrai" else ""


def title(node: Node, setting: Setting) -> str:
    """Return the title of an element as Markdown, "" when it has none."""
    named = node.first("Titre")
    return inline(named, setting.links) if named else ""


def item(parts: Sequence[str], marker: str = "-") -> str:
    """Return blocks as one item of a list."""
    indent = " " * (len(marker) + 1)
    lines = "\n\n".join(parts).split("\n")
    return "\n".join(
        f"{marker} {line}" if not number else f"{indent}{line}".rstrip() for number, line in enumerate(lines)
    )


def bulleted(items: Iterable[Sequence[str]], marker: str = "-") -> list[str]:
    """Return a list as one block, or none when it is empty."""
    texts = [item(parts, marker) for parts in items if parts]
    loose = any("\n" in text for text in texts)
    return [("\n\n" if loose else "\n").join(texts)] if texts else []


def _block(node: Node, setting: Setting) -> list[str]:
    if node.tag in _SILENT:
        return []
    if node.tag in _REMARKS:
        return _remark(node, setting)
    return _BLOCKS.get(node.tag, _named)(node, setting)


def _paragraph(node: Node, setting: Setting) -> list[str]:
    text = paragraph(inline(node, setting.links))
    return [text] if text else []


def _named(node: Node, setting: Setting) -> list[str]:
    """A chapter inside a contact, or anything else with a title: the title in bold, then what it holds."""
    name = title(node, setting) if node.tag not in _CONTAINERS else ""
    return [*([f"**{name}**"] if name else []), *blocks(node, setting)]


def _list(node: Node, setting: Setting) -> list[str]:
    items = [blocks(each, setting) for each in node.all("Item")]
    if node.get("type") != "numero":
        return bulleted(items)
    texts = [item(parts, f"{number}.") for number, parts in enumerate(filter(None, items), start=1)]
    return [("\n\n" if any("\n" in text for text in texts) else "\n").join(texts)] if texts else []


def _cases(node: Node, setting: Setting) -> list[str]:
    return bulleted((_named(case, setting) for case in node.all("Cas")), "*")


def _fragment(node: Node, setting: Setting) -> list[str]:
    name, inside = case_name(node, setting), blocks(node, setting)
    return bulleted([[f"**{name}**", *inside]], "*") if name else inside


def _table(node: Node, setting: Setting) -> list[str]:
    name = title(node, setting)
    rows = [
        (row.get("type") == "header", [(cell, _cell(cell, setting)) for cell in row.all("Cellule")])
        for row in node.all("Rangée", "Rangee")
    ]
    return [*([f"**{name}**"] if name else []), *table(rows)]


def _cell(cell: Node, setting: Setting) -> str:
    if any(isinstance(child, str) and child.strip() for child in cell.children):
        return inline(cell, setting.links)
    parts = [
        inline(part, setting.links)
        for each in cell.nodes
        for part in (each.all("Item") if each.tag == "Liste" else (each,))
    ]
    return " ; ".join(filter(None, parts))


def _remark(node: Node, setting: Setting) -> list[str]:
    name, inside = title(node, setting), blocks(node, setting)
    if day := node.get("date"):
        name = f"{name} ({'/'.join(reversed(day.split('-')))})"
    if not inside:
        return []
    quoted = "\n\n".join([*([f"**{name}**"] if name else []), *inside]).split("\n")
    return ["\n".join(f"> {line}".rstrip() for line in quoted)]


def _service(node: Node, setting: Setting) -> list[str]:
    kind = _kind(node)
    source = node.first("Source")
    said = [
        link(title(node, setting), node.get("URL")),
        kind,
        inline(source, setting.links) if source else "",
    ]
    extra = [block for part in node.all("Introduction", "Texte") for block in blocks(part, setting)]
    attached = [_attached(each, setting) for each in node.all("ServiceEnLigneAnnexe")]
    notices = [[_notice(each, setting)] for each in node.all("NoticeLiee")]
    return bulleted([[" – ".join(filter(None, said)), *extra, *bulleted([*attached, *notices])]], "+")


def _attached(node: Node, setting: Setting) -> list[str]:
    page = node.first("LienWeb")
    said = [link(title(node, setting), page.get("URL") if page else ""), _kind(node)]
    texts = [block for part in node.all("Texte") for block in blocks(part, setting)]
    notices = [[_notice(each, setting)] for each in node.all("NoticeLiee")]
    return [" – ".join(filter(None, said)), *texts, *bulleted(notices)]


def _notice(node: Node, setting: Setting) -> str:
    return " – ".join(filter(None, [link(inline(node, setting.links), node.get("URL")), _kind(node)]))


def _kind(node: Node) -> str:
    number = node.get("numerocerfa") or node.get("autrenumero")
    cerfa = f"Cerfa n° {number}" if node.get("numerocerfa") else number
    return " ".join(filter(None, [node.get("type"), cerfa.replace("*", "\\*")]))


def _contact(node: Node, setting: Setting) -> list[str]:
    site, about, source = (node.first(tag) for tag in ("RessourceWeb", "Complement", "Source"))
    said = [link(title(node, setting), site.get("URL") if site else "")]
    said += [inline(each, setting.links) for each in (about, source) if each]
    texts = [block for part in node.all("Texte") for block in blocks(part, setting)]
    return bulleted([[" – ".join(filter(None, said)), *texts]], "+")


def _reference(node: Node, setting: Setting) -> list[str]:
    about = node.first("Complement")
    said = [link(title(node, setting), node.get("URL")), inline(about, setting.links) if about else ""]
    return [" – ".join(filter(None, said))] if any(said) else []


def _image(node: Node, setting: Setting) -> list[str]:
    """An image is not ours to show: what it says in words is."""
    parts = [part for each in node.nodes for part in (blocks(each, setting) or [inline(each, setting.links)])]
    return list(dict.fromkeys(filter(None, parts)))


_BLOCKS: dict[str, Callable[[Node, Setting], list[str]]] = {
    "Paragraphe": _paragraph,
    "Liste": _list,
    "BlocCas": _cases,
    "FragmentConditionne": _fragment,
    "Tableau": _table,
    "ServiceEnLigne": _service,
    "OuSAdresser": _contact,
    "Reference": _reference,
    "PourEnSavoirPlus": _reference,
    "Image": _image,
    "Illustration": _image,
}
