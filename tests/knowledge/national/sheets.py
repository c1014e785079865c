"""Writes small sheets in the State's schema; every sentence of them is ours."""

from pathlib import Path
from typing import Any

SCHEMA = "../Schemas/3.3/Publication.xsd"
INTRODUCTION = (
    "<Introduction><Texte><Paragraphe>Une aide. Elle dépend du lieu.</Paragraphe></Texte></Introduction>"
)
BODY = (
    "<Texte><Chapitre><Titre><Paragraphe>Démarche</Paragraphe></Titre>"
    "<Paragraphe>Écrivez au guichet.</Paragraphe></Chapitre></Texte>"
)
PARENTS = (
    '<Theme ID="N1"><Titre>Un thème</Titre></Theme><SousThemePere ID="N2">Un sous-thème</SousThemePere>'
    '<DossierPere ID="N392"><Titre>Un dossier</Titre></DossierPere>'
)


def sheet_xml(id_: str = "F1", body: str = BODY, **changes: Any) -> str:
    """Return a sheet; `changes` replace parts of it, None leaves one out."""
    parts = {
        "schema": SCHEMA,
        "type": "Fiche d'information",
        "title": f"Titre de {id_}",
        "date": "modified 2026-06-01",
        "description": "Un résumé de la fiche",
        "introduction": INTRODUCTION,
        "parents": PARENTS,
        "url": f"https://www.service-public.fr/particuliers/vosdroits/{id_}",
    } | changes
    shown = {name: "" if value is None else value for name, value in parts.items()}
    title = f"<dc:title>{shown['title']}</dc:title>" if shown["title"] else ""
    address = f'spUrl="{shown["url"]}"' if shown["url"] else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Publication xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\n'
        f' ID="{id_}" type="{shown["type"]}" xsi:noNamespaceSchemaLocation="{shown["schema"]}" {address}>\n'
        f"{title}<dc:creator>La DILA</dc:creator>\n"
        f"<dc:date>{shown['date']}</dc:date><dc:description>{shown['description']}</dc:description>\n"
        f"{shown['parents']}{shown['introduction']}{body}</Publication>\n"
    )


def write_sheet(folder: Path, id_: str = "F1", body: str = BODY, **changes: Any) -> Path:
    """Write a sheet where its name says; return its path."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{id_}.xml"
    path.write_text(sheet_xml(id_, body, **changes), encoding="utf-8")
    return path


def titled(name: str, inside: str, tag: str = "Chapitre") -> str:
    """Return a chapter, or another element with a title and paragraphs."""
    return f"<{tag}><Titre><Paragraphe>{name}</Paragraphe></Titre>{inside}</{tag}>"


def said(text: str) -> str:
    """Return a paragraph."""
    return f"<Paragraphe>{text}</Paragraphe>"
