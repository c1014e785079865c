"""The weight of the widget on a page, and the files it is made of."""

import gzip
import subprocess

import pytest

from tests.requirements import need
from tests.widget.scripted_gateway import ROOT, served_file

WIDGET = ROOT / "widget"
BUDGET = 30_000  # bytes, compressed, until the greeting is on the screen


def compressed(paths):
    """Bytes on the wire with gzip, file by file."""
    return sum(len(gzip.compress(served_file(path).read_bytes(), 9)) for path in paths)


@pytest.mark.browser
def test_everything_up_to_the_first_opening_weighs_little(chat, gateway):
    chat.open()
    chat.page.wait_for_load_state("networkidle")
    loaded = {path for path in gateway.files if path.startswith("/widget")}
    assert "/widget.js" in loaded
    assert "/widget/texts/en.js" not in loaded
    assert "/widget/vendor/purify.js" not in loaded
    assert compressed(loaded) < BUDGET


def test_no_module_is_long():
    modules = [path for path in WIDGET.rglob("*.js") if "node_modules" not in path.parts]
    assert len(modules) > 20
    long = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def node(*arguments):
    return subprocess.run(
        [need("node"), *arguments], cwd=WIDGET, check=False, capture_output=True, text=True, timeout=120
    )


def development_tools():
    if not (WIDGET / "node_modules").is_dir():
        pytest.skip("the development tools are not installed (npm ci, in widget/)")


def test_the_pure_modules():
    result = node("--test", *sorted(str(path) for path in (ROOT / "tests/widget").glob("*.test.js")))
    assert result.returncode == 0, result.stdout


def test_the_types():
    development_tools()
    result = node("node_modules/typescript/bin/tsc", "--project", ".")
    assert result.returncode == 0, result.stdout


def test_the_vendored_file_is_the_published_one():
    development_tools()
    result = node("vendor/update.js", "--check")
    assert result.returncode == 0, result.stderr
