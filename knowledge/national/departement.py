"""Keeps, where a sheet lists all of France, what concerns the département that runs this assistant.

Some sheets offer a form for each département, a hundred of them under their regions: local authorities are
meant to show their own.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from knowledge.national.xml_file import Node, text_of

REGIONS_FILE = Path(__file__).with_name("regions.yml")
_CODE = re.compile(r"\((\d[\dAB]\d?)\)\s*$")
_ANY_OTHER = "Autre région"
_MANY = 5  # regions: with fewer, a case may be an exception beside a general rule


def only_departement(node: Node, code: str) -> Node:
    """Return an element without the cases of other regions and départements, wherever it lists them.

    A list that names neither this département nor its region is left whole.

    Args:
        node: any part of a sheet.
        code: the département's, as in `Bouches-du-Rhône (13)`.
    """
    children = [only_departement(each, code) if isinstance(each, Node) else each for each in node.children]
    if node.tag == "BlocCas":
        cases = [each for each in children if isinstance(each, Node)]
        children = [*(_of_region(cases, code) or _of_departement(cases, code) or cases)]
    return replace(node, children=tuple(children))


def _of_departement(cases: Sequence[Node], code: str) -> list[Node]:
    codes = [found.group(1) if (found := _CODE.search(_title(case))) else "" for case in cases]
    others = [each for each in codes if each and each != code]
    return [case for case, each in zip(cases, codes, strict=True) if each == code] if others else []


def _of_region(cases: Sequence[Node], code: str) -> list[Node]:
    named = [_regions().get(_title(case).partition(" (")[0], frozenset()) for case in cases]
    others = [case for case in cases if _title(case).startswith(_ANY_OTHER)]
    if sum(map(bool, named)) < (1 if others else _MANY):
        return []
    return [case for case, departements in zip(cases, named, strict=True) if code in departements] or others


def _title(case: Node) -> str:
    return text_of(case.first("Titre"))


@cache
def _regions() -> dict[str, frozenset[str]]:
    """The départements of each region, by each of its names."""
    regions: dict[str, frozenset[str]] = {}
    for region in yaml.safe_load(REGIONS_FILE.read_text(encoding="utf-8")):
        for name in region["names"]:
            regions[name] = regions.get(name, frozenset()) | frozenset(region["departements"])
    return regions
