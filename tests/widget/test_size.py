"""The weight of the widget on a page, and the files it is made of."""

import subprocess

import pytest

from tests.requirements import need
from tests.widget.scripted_gateway import ROOT, served_file

WIDGET = ROOT / "widget"
BUDGET = 30_000  # bytes, compressed, until the greeting is on the screen


COMPRESSED = """const { readFileSync } = require("fs"), { brotliCompressSync } = require("zlib");
const weight = (file) => brotliCompressSync(readFileSync(file)).length;
console.log(process.argv.slice(1).reduce((sum, file) => sum + weight(file), 0));"""


def compressed(paths):
    """Bytes on the wire with brotli, file by file."""
    counted = node("-e", COMPRESSED, *(str(served_file(path)) for path in paths))
    assert counted.returncode == 0, counted.stderr
    return int(counted.stdout)


@pytest.mark.browser
def test_everything_up_to_the_first_opening_weighs_little(chat, gateway):
    chat.open()
    chat.page.wait_for_load_state("networkidle")
    loaded = {path for path in gateway.files if path.startswith("/widget")}
    assert "/widget.js" in loaded
    assert "/widget/texts/en.js" not in loaded
    assert "/widget/vendor/purify.js" not in loaded
    weight = compressed(loaded)
    print(f"{weight} bytes in {len(loaded)} files, brotli")
    assert weight < BUDGET


def test_no_module_is_long():
    modules = [path for path in WIDGET.rglob("*.js") if "node_modules" not in path.parts]
    assert len(modules) > 20
    long = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def node(*arguments):
    return subprocess.run(
        [need("node"), *arguments], cwd=WIDGET, check=False, capture_output=True, text=True, timeout=120
    )


def test_the_pure_modules():
    result = node("--test", *sorted(str(path) for path in (ROOT / "tests/widget").glob("*.test.js")))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("project", [".", "../api"])
def test_the_types(project):
    need("widget-tools")
    result = node("node_modules/typescript/bin/tsc", "--project", project)
    assert result.returncode == 0, result.stdout


def test_the_vendored_file_is_the_published_one():
    need("widget-tools")
    result = node("vendor/update.js", "--check")
    assert result.returncode == 0, result.stderr
