"""Markdown becomes text and HTML that cannot carry a script."""

import pytest

from api.render import list_items, to_checklist, to_html, to_text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "[x](data:text/html;base64,AAAA)",
        "<a href='https://a.example' onclick='x()'>a</a>",
        "![x](https://a.example/p.png)",
    ],
)
def test_no_markup_of_others_survives(hostile: str) -> None:
    html = to_html(hostile)
    assert "<script" not in html
    assert "<img" not in html
    assert "onclick" not in html.replace("&", "<") or "&lt;a" in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_links_keep_to_the_allowed_schemes() -> None:
    assert 'href="tel:3919"' in to_html("[3919](tel:3919)")
    assert 'href="sms:114"' in to_html("[114](sms:114)")
    assert 'rel="noopener noreferrer"' in to_html("[site](https://www.garlaban.example)")


def test_plain_text_keeps_words_lists_and_addresses() -> None:
    markdown = (
        "### Pièces\n\nIl **faut** :\n\n- une *copie*\n- voir [le site](https://www.garlaban.example)\n\nFin."
    )
    assert to_text(markdown) == (
        "Pièces\n\nIl faut :\n\n- une copie\n- voir le site (https://www.garlaban.example)\n\nFin."
    )


def test_each_item_of_a_list_is_a_box_to_tick() -> None:
    html = to_checklist(
        "En général :\n\n- une **copie** ;\n- selon la raison :\n  - un avis.\n\n1. un\n\n   deux\n\nFin."
    )
    assert html == (
        "<p>En général :</p>\n"
        '<ul class="papers" role="list"><li><input type="checkbox" id="paper-1">'
        '<label for="paper-1">une <strong>copie</strong> ;</label></li>'
        '<li><input type="checkbox" id="paper-2"><label for="paper-2">selon la raison :</label>'
        '<ul class="papers" role="list"><li><input type="checkbox" id="paper-3">'
        '<label for="paper-3">un avis.</label></li></ul></li></ul>\n'
        '<ol class="papers" role="list"><li><input type="checkbox" id="paper-4">'
        '<label for="paper-4">un</label><p>deux</p></li></ol>\n'
        "<p>Fin.</p>"
    )


@pytest.mark.parametrize(
    "hostile", ["- <img src=x onerror=alert(1)>", "- [x](javascript:alert(1))", "-", "- ## a"]
)
def test_a_box_carries_no_markup_of_others(hostile: str) -> None:
    html = to_checklist(hostile)
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert html.count("<li>") == html.count("</li>")


def test_the_items_of_lists_are_read_in_their_order() -> None:
    assert list_items("Oui :\n\n- **a** ;\n- b :\n  - c\n\n1. d\n\nFin.") == ("a ;", "b :", "c", "d")
