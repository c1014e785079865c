"""The declaration of accessibility: the parts that the law asks for, true to the results, linked."""

import json
import re
from html import unescape

import httpx
import pytest

from api.accessibility_page import RESULTS, STATE, results
from tests.api.conftest import app_of
from tests.widget.declaration import shown
from tests.widget.scripted_gateway import ROOT

FULL = {
    "date": "2026-11-22",
    "states": 2,
    "languages": ["fr", "ar"],
    "schemes": ["light"],
    "axe_version": "9.9.9",
    "chromium_version": "150",
    "checks": 4,
    "violations": [
        {"state": "greeting", "language": "ar", "scheme": "light", "rule": "color-contrast", "nodes": []}
    ],
    "to_judge": [{"rule": "target-size", "elements": 7, "states": ["greeting"]}],
    "rules_passed": ["label", "list"],
    "announcements": {
        "how": "AT-SPI",
        "turns": 20,
        "messages": 41,
        "announced": 40,
        "twice": [],
        "lost": ["un"],
    },
}


def words(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


async def test_it_has_the_parts_that_the_law_asks_for(client: httpx.AsyncClient) -> None:
    page = await client.get("/accessibilite")
    assert page.status_code == 200
    said = words(page)
    for part in (
        "Déclaration d’accessibilité",
        "État de conformité",
        "Contenus non accessibles",
        "Établissement de cette déclaration",
        "Technologies utilisées",
        "Environnement de test",
        "Retour d’information et contact",
        "Voies de recours",
        "Défenseur des droits",
        "article 47 de la loi n° 2005-102",
    ):
        assert part in said
    desk = app_of(client).state.gateway.composer.directory.default
    assert desk.phone in said
    assert desk.email in said
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text


async def test_it_claims_no_review_by_a_person(client: httpx.AsyncClient) -> None:
    said = words(await client.get("/accessibilite"))
    assert "aucune personne n’en a encore fait l’audit" in said
    assert "Aucune auto-évaluation par une personne et aucun audit externe" in said


async def test_it_says_what_was_found(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(FULL) | {"day": "22 novembre 2026"}
    monkeypatch.setattr("api.accessibility_page.results", lambda: found)
    said = words(await client.get("/accessibilite"))
    assert "4 contrôles avec axe-core 9.9.9 (2 états de l’assistant, 2 langues" in said
    assert "non-conformités trouvées : 1" in said
    assert "Règle « color-contrast », état « greeting », langue « ar »." in said
    assert "« target-size », qu’axe-core n’a pas pu trancher pour 7 éléments" in said
    assert "41 messages, 40 annoncés, 0 annoncés deux fois, 1 perdus" in said


async def test_the_results_are_those_of_a_run(client: httpx.AsyncClient) -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert set(kept) == set(shown(FULL))
    assert results()["day"] in words(await client.get("/accessibilite"))


async def test_links_to_it_say_the_state(client: httpx.AsyncClient) -> None:
    link = f'<a href="accessibilite">Accessibilité : {STATE}</a>'
    assert link in (await client.get("/")).text.replace("\u00a0", " ")
    widget = (ROOT / "widget/texts/tools/fr.js").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert f'accessibility: "Accessibilité : {STATE}"' in widget
