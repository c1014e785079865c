"""docs/settings.md is what the code says."""

from guichet.settings import ROOT, Settings
from guichet.settings_page import settings_page


def test_the_page_is_up_to_date() -> None:
    kept = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert kept == settings_page(), "make docs writes it again"


def test_the_page_names_every_setting_once() -> None:
    page = settings_page()
    for name in Settings.model_fields:
        assert page.count(f"| `GUICHET_{name.upper()}`") == 1


def test_the_page_holds_no_path_of_this_machine() -> None:
    assert str(ROOT) not in settings_page()
    assert "/home/" not in settings_page()
