"""The papers to bring: the page, what it must not show, and the link of the reply that leads to it."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from api.papers_page import MAIL_CHARACTERS
from api.settings import ApiSettings
from knowledge.article import Article
from knowledge.compose import Composer
from knowledge.library import Library
from knowledge.reply import Reply
from knowledge.sections import SectionKey
from tests.api.conftest import ORIGIN, Resident, app_of, running
from tests.api.double import EngineDouble

SHOWN = SectionKey.DOCUMENTS


def composer_of(client: httpx.AsyncClient) -> Composer:
    composer: Composer = app_of(client).state.gateway.composer
    return composer


def public_articles(client: httpx.AsyncClient) -> list[Article]:
    return [article for article in composer_of(client).library.winning() if article.audience == "public"]


def reply_about(client: httpx.AsyncClient, article_id: str, section: SectionKey, language: str) -> Reply:
    """What the action server composes."""
    composer = composer_of(client)
    article = composer.library.best(article_id, language)
    assert article
    return composer.answer(article, section, app_of(client).state.gateway.seen(language), 0.9)


def mail_of(html: str) -> tuple[str, dict[str, list[str]]]:
    found = re.search(r'href="(mailto:[^"]+)"', html)
    assert found
    link = unescape(found[1])
    return link, parse_qs(urlsplit(link).query)


async def test_each_paper_is_a_box_with_its_label(client: httpx.AsyncClient) -> None:
    page = await client.get("/papers/apa", params={"language": "fr"})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    article = composer_of(client).library.best("apa", "fr")
    section = article and article.section(SHOWN)
    assert section
    papers = len(re.findall("^- ", section.markdown, re.MULTILINE))
    names = re.findall(r'<input type="checkbox" id="([^"]+)"><label for="([^"]+)">', page.text)
    assert papers > 3
    assert names == [(f"paper-{number}",) * 2 for number in range(1, papers + 1)]
    assert "<p>Chaque Département a son dossier." in page.text
    assert '<html lang="fr" dir="ltr">' in page.text


async def test_it_shows_its_source_its_date_and_a_human(client: httpx.AsyncClient) -> None:
    html = unescape((await client.get("/papers/apa", params={"language": "fr"})).text)
    assert "écrit le 22 novembre 2026" in html
    assert "n'a pas encore été relue" in html
    assert "Ceci est une démonstration." in html
    assert re.search(r'href="tel:\+33-4-65-71-[\d-]+" dir="ltr">04 65 71', html)


async def test_it_keeps_nothing_and_asks_nothing_of_others(client: httpx.AsyncClient) -> None:
    page = await client.get("/papers/apa")
    assert "set-cookie" not in page.headers
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|<form", page.text)
    files = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', page.text)
    assert len(files) == 3
    for file in files:
        assert (await client.get(httpx.URL(f"{ORIGIN}/papers/apa").join(file))).status_code == 200, file
    assert '<button type="button" id="print" hidden>' in page.text


async def test_the_list_can_be_sent_to_oneself(client: httpx.AsyncClient) -> None:
    page = await client.get("/papers/apa", params={"language": "en"})
    link, mail = mail_of(page.text)
    assert urlsplit(link).path == ""
    assert "+" not in link
    assert "APA" in mail["subject"][0]
    article = composer_of(client).library.best("apa", "en")
    section = article and article.section(SHOWN)
    assert section
    body = mail["body"][0]
    assert body.count("\r\n- ") == len(re.findall("^- ", section.markdown, re.MULTILINE))
    assert f"{ORIGIN}/papers/apa?language=en" in body


async def test_no_mail_is_longer_than_mail_programs_take(client: httpx.AsyncClient) -> None:
    for article in public_articles(client):
        if article.section(SHOWN):
            page = await client.get(f"/papers/{article.id}", params={"language": article.language})
            assert page.status_code == 200, article.path
            link, mail = mail_of(page.text)
            assert len(link) <= MAIL_CHARACTERS, article.path
            assert f"/papers/{article.id}" in mail["body"][0]


async def test_an_untranslated_list_says_so_and_keeps_its_language(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every list is translated: the library is made to forget the translations.
    monkeypatch.setattr(
        Library, "best", lambda self, id_, _language, *audience: self.article(id_, "fr", *audience)
    )
    html = (await client.get("/papers/apa", params={"language": "en"})).text
    assert '<html lang="en" dir="ltr">' in html
    assert "this list exists only in French" in html
    assert '<section id="list" lang="fr" dir="ltr">' in html


@pytest.mark.parametrize("asked", [{"language": "xx"}, {"language": "<script>"}, {}])
async def test_a_language_not_spoken_is_the_browser_s(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    page = await client.get("/papers/apa", params=asked, headers={"Accept-Language": "en-GB,en"})
    assert '<html lang="en" dir="ltr">' in page.text


async def test_what_has_no_list_is_told_in_plain_words(client: httpx.AsyncClient) -> None:
    library = composer_of(client).library
    staff = [article for article in library.winning() if article.audience == "staff"]
    assert any(article.section(SHOWN) for article in staff)
    bare = next(article.id for article in public_articles(client) if not article.section(SHOWN))
    for id_ in ["nothing", "%3Cscript%3E", bare, *{article.id for article in staff}]:
        page = await client.get(f"/papers/{id_}", params={"language": "fr"})
        assert page.status_code == 404, id_
        assert "Cette page n&#x27;existe pas." in page.text
        assert 'href="tel:' in page.text
        assert "checkbox" not in page.text
        assert "<script>" not in page.text
    for article in staff:
        assert article.title not in page.text


async def test_the_reply_that_shows_the_papers_leads_to_their_page(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client, language="en")
    engine.reply = reply_about(client, "apa", SHOWN, "en")
    turn = await resident.says("Which papers?")
    [said] = [said for said in turn["messages"] if "/papers/" in said["html"]]
    address = f"{ORIGIN}/papers/apa?language=en"
    assert said["html"].endswith(
        f'<p><a href="{address}" rel="noopener noreferrer">{link_label(client)}</a></p>'
    )
    assert said["text"].endswith(f"({address})")
    assert (await client.get(address)).status_code == 200


def link_label(client: httpx.AsyncClient) -> str:
    return composer_of(client).texts.get("en", "papers.link")


async def test_another_section_leads_to_no_page(client: httpx.AsyncClient, engine: EngineDouble) -> None:
    resident = await Resident.arrives(client, language="en")
    engine.reply = reply_about(client, "apa", SectionKey.CONDITIONS, "en")
    assert "/papers/" not in str((await resident.says("Who is it for?"))["messages"])


async def test_papers_told_in_sentences_lead_to_no_list(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client, language="en")
    engine.reply = reply_about(client, "accueil-familial", SHOWN, "en")
    assert "/papers/" not in str((await resident.says("Which papers?"))["messages"])
    page = await client.get("/papers/accueil-familial", params={"language": "en"})
    assert page.status_code == 200
    assert "checkbox" not in page.text


async def test_a_source_that_no_article_has_leads_to_no_page(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client, language="en")
    reply = reply_about(client, "apa", SHOWN, "en")
    invented = reply.sources[0].model_copy(update={"article_id": "x](https://evil.example)"})
    engine.reply = reply.model_copy(update={"sources": (invented,)})
    assert "/papers/" not in str((await resident.says("Which papers?"))["messages"])


async def test_without_a_public_address_the_link_is_a_path(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> None:
    private = settings.model_copy(update={"public_url": ""})
    async with running(private, tmp_path, engine) as client:
        resident = await Resident.arrives(client, language="fr")
        engine.reply = reply_about(client, "apa", SHOWN, "fr")
        said = str((await resident.says("Quels papiers ?"))["messages"])
        assert 'href="/papers/apa?language=fr"' in said
        page = await client.get("/papers/apa?language=fr")
        assert f"{ORIGIN}/papers/apa?language=fr" in unquote(mail_of(page.text)[0])
