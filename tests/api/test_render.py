"""Markdown becomes text and HTML that cannot carry a script."""

import pytest

from api.render import to_html, to_text


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
