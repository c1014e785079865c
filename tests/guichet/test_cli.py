"""The commands, as an engineer types them."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import structlog
import yaml
from typer.testing import CliRunner

from guichet.cli import app
from guichet.instance import only_instance
from guichet.settings import ROOT, Settings, own_secrets
from knowledge.check import main
from tests.stack import clean_environment


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def guichet(*words: str, data_dir: Path, settings: Mapping[str, str] | None = None) -> Done:
    """Run a command in this process: starting a Python each time would take most of the tests' time."""
    unset = dict.fromkeys(set(os.environ) - set(clean_environment()))
    environment = unset | {"GUICHET_DATA_DIR": str(data_dir), "COLUMNS": "120"} | dict(settings or {})
    before = structlog.get_config()
    done = CliRunner().invoke(app, words, env=environment)
    structlog.configure(**before)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def start(data_dir: Path, **settings: str) -> Done:
    """Run `guichet up` as a program, where it is expected to end at once."""
    done = subprocess.run(
        [sys.executable, "-m", "guichet", "up"],
        check=False,
        cwd=data_dir,
        env=clean_environment() | {"GUICHET_DATA_DIR": str(data_dir), **settings},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = guichet("--help", data_dir=tmp_path).stdout
    for command in ("up", "serve", "train", "migrate", "kb", "doctor", "purge", "pause", "resume", "secrets"):
        assert re.search(rf"\b{command}\b +[A-Z]", shown), command


@pytest.mark.parametrize(
    "group",
    [
        ("serve", ("gateway", "actions", "rasa", "redis")),
        ("kb", ("check", "index", "search", "diff", "eval")),
    ],
)
def test_help_of_the_groups(group: tuple[str, tuple[str, ...]], tmp_path: Path) -> None:
    shown = guichet(group[0], "--help", data_dir=tmp_path).stdout
    assert all(re.search(rf"\b{command}\b +[A-Z]", shown) for command in group[1])


def test_a_wrong_setting_is_named_and_its_value_is_not_shown(tmp_path: Path) -> None:
    done = guichet("doctor", data_dir=tmp_path, settings={"GUICHET_REDIS_PORT": "s3cret"})
    assert done.returncode == 2
    assert "GUICHET_REDIS_PORT" in done.stderr
    assert "s3cret" not in done.stderr


def test_production_without_secrets_does_not_start(tmp_path: Path) -> None:
    done = start(tmp_path, GUICHET_ENVIRONMENT="production")
    assert done.returncode == 2
    assert "GUICHET_SECRET_KEY is not set" in done.stderr


def test_secrets_are_printed_as_variables(tmp_path: Path) -> None:
    lines = guichet("secrets", data_dir=tmp_path).stdout.splitlines()
    printed = dict(line.split("=", 1) for line in lines)
    assert set(printed) == {f"GUICHET_{name.upper()}" for name in own_secrets()}
    done = guichet(
        "settings-page", data_dir=tmp_path, settings={"GUICHET_ENVIRONMENT": "production", **printed}
    )
    assert done.returncode == 0


def test_a_second_supervisor_on_the_same_folder_names_the_first(tmp_path: Path) -> None:
    with only_instance(tmp_path):
        done = start(tmp_path)
    assert done.returncode == 2
    assert f"process {os.getpid()}" in done.stderr
    assert "GUICHET_DATA_DIR" in done.stderr


def test_a_taken_port_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = start(tmp_path, GUICHET_GATEWAY_PORT=str(port))
    assert done.returncode == 2
    assert f"port {port} (gateway)" in done.stderr
    assert "GUICHET_GATEWAY_PORT" in done.stderr


def test_without_rasas_environment_it_says_how_to_make_it(tmp_path: Path) -> None:
    done = start(tmp_path, GUICHET_RASA_PYTHON=str(tmp_path / "nothing"))
    assert done.returncode == 2
    assert "scripts/bootstrap.py" in done.stderr


def test_pause_and_resume(tmp_path: Path) -> None:
    assert guichet("migrate", data_dir=tmp_path).returncode == 0
    paused = guichet("pause", "--reason", "wrong phone on the site", "--who", "Ana", data_dir=tmp_path)
    assert paused.returncode == 0
    assert "wrong phone on the site" in paused.stdout
    assert "Ana" in paused.stdout
    again = guichet("pause", "--reason", "another", "--who", "Bo", data_dir=tmp_path)
    assert "wrong phone on the site" in again.stdout
    assert "is over" in guichet("resume", data_dir=tmp_path).stdout
    assert "not paused" in guichet("resume", data_dir=tmp_path).stdout


def test_a_pause_needs_a_reason(tmp_path: Path) -> None:
    assert guichet("pause", data_dir=tmp_path).returncode == 2
    assert guichet("pause", "--reason", " ", data_dir=tmp_path).returncode == 2


def test_a_database_that_is_down_is_told_without_a_traceback(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody:s3cret@127.0.0.1:1/none"
    done = guichet("migrate", data_dir=tmp_path, settings={"DATABASE_URL": url})
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "s3cret" not in done.stderr


async def test_purge_counts_what_it_removes(embedded_redis: Settings) -> None:
    url, folder = embedded_redis.effective_redis_url, embedded_redis.data_dir
    redis.Redis.from_url(url).set("tracker:forever", "{}")
    assert guichet("migrate", data_dir=folder).returncode == 0
    done = guichet("purge", "--json", data_dir=folder, settings={"REDIS_URL": url})
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["trackers_removed"] == 1
    assert counts["turns"] == 0


def test_purge_without_redis_still_purges_the_records_and_fails(tmp_path: Path) -> None:
    assert guichet("migrate", data_dir=tmp_path).returncode == 0
    done = guichet("purge", data_dir=tmp_path, settings={"REDIS_URL": "redis://127.0.0.1:1/0"})
    assert done.returncode == 1
    assert "Redis does not answer" in done.stderr
    assert "the records were purged" in done.stderr


def test_doctor_says_what_is_wrong_and_how_to_repair_it(tmp_path: Path) -> None:
    settings = {"GUICHET_RASA_PYTHON": str(tmp_path / "nothing"), "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = guichet("doctor", "--json", data_dir=tmp_path, settings=settings)
    assert done.returncode == 1
    found = {check["name"]: check for check in json.loads(done.stdout)}
    for name in ("rasa environment", "redis", "index"):
        assert found[name]["status"] == "FAULT"
        assert found[name]["remedy"]
    assert found["python"]["status"] == "ok"
    assert found["data folder"]["status"] == "ok"


def test_doctor_for_people(tmp_path: Path) -> None:
    shown = guichet("doctor", data_dir=tmp_path).stdout
    assert re.search(r"^FAULT  index: .*\n +→ guichet kb index$", shown, re.MULTILINE)
    assert re.search(r"^\d+ of \d+ checks failed\.$", shown, re.MULTILINE)


def article_folder(folder: Path) -> Path:
    """A content folder with one article that has a fault."""
    path = folder / "common" / "fr" / "social_benefits" / "apa.md"
    path.parent.mkdir(parents=True)
    path.write_text("---\nid: other\n---\nToo short.\n", encoding="utf-8")
    return folder


def test_kb_check_tells_faults_with_their_place(tmp_path: Path) -> None:
    settings = {"GUICHET_CONTENT_DIR": str(article_folder(tmp_path / "content"))}
    done = guichet("kb", "check", data_dir=tmp_path, settings=settings)
    assert done.returncode == 1
    assert re.search(r"apa\.md:\d+: ", done.stdout)
    listed = json.loads(guichet("kb", "check", "--json", data_dir=tmp_path, settings=settings).stdout)
    assert {"path", "line", "field", "reason", "severity"} == set(listed[0])


def test_kb_check_is_the_check_of_the_knowledge_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = article_folder(tmp_path / "content")
    done = guichet("kb", "check", data_dir=tmp_path, settings={"GUICHET_CONTENT_DIR": str(content)})
    assert main([str(content)]) == done.returncode
    assert capsys.readouterr().out == done.stdout
    assert "no public French article covers 'rsa'" in done.stdout


def test_our_own_articles_have_no_error(tmp_path: Path) -> None:
    done = guichet("kb", "check", data_dir=tmp_path)
    assert done.returncode == 0, done.stdout


def test_kb_search_without_an_index_says_how_to_build_it(tmp_path: Path) -> None:
    done = guichet("kb", "search", "comment demander l'APA", data_dir=tmp_path)
    assert done.returncode == 1
    assert "guichet kb index" in done.stderr


def test_kb_search_refuses_a_language_that_is_not_served(tmp_path: Path) -> None:
    done = guichet("kb", "search", "witaj", "--language", "pl", data_dir=tmp_path)
    assert done.returncode == 2
    assert "fr, en, es" in done.stderr


def small_content(folder: Path) -> Path:
    """A content folder with few articles, so that indexing takes seconds."""
    ours = ROOT / "knowledge" / "content"
    for name in ("directory", "texts"):
        shutil.copytree(ours / name, folder / name)
    source = sorted((ours / "common" / "fr" / "redirect").glob("*.md"))[:2]
    for path in source:
        target = folder / path.relative_to(ours)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        # The related articles are not copied: naming them would be an error.
        target.write_text(re.sub(r"^related:.*$", "related: []", text, flags=re.MULTILINE), encoding="utf-8")
    return folder


def test_kb_index_then_search(tmp_path: Path) -> None:
    settings = {"GUICHET_CONTENT_DIR": str(small_content(tmp_path / "content"))}
    built = guichet("kb", "index", data_dir=tmp_path, settings=settings)
    assert built.returncode == 0, built.stderr
    assert re.search(r"generation \S+: \d+ passages", built.stdout)
    again = guichet("kb", "index", "--if-stale", data_dir=tmp_path, settings=settings)
    assert "up to date" in again.stdout
    found = json.loads(
        guichet(
            "kb", "search", "--json", "-k", "1", "à qui m'adresser ?", data_dir=tmp_path, settings=settings
        ).stdout
    )
    assert found["decision"] in {"answer", "clarify", "abstain"}
    assert len(found["hits"]) <= 1
    again = guichet("kb", "search", "--explain", "une aide", data_dir=tmp_path, settings=settings)
    said = (
        r"^why: ",
        r"^thresholds: .*answer_from 0",
        r"audience public$",
        r"^ +[+-]\d\.\d+  \w+",
        r"nearest: ",
    )
    assert [words for words in said if not re.search(words, again.stdout, re.MULTILINE)] == []
    options = ("--explain", "--json", "--audience", "staff", "une aide")
    values = guichet("kb", "search", *options, data_dir=tmp_path, settings=settings).stdout
    assert json.loads(values)["explanation"]["audience"] == "staff"


def test_kb_diff_tells_what_an_article_less_changes(tmp_path: Path) -> None:
    content = small_content(tmp_path / "content")
    settings = {"GUICHET_CONTENT_DIR": str(content)}
    assert guichet("kb", "index", data_dir=tmp_path, settings=settings).returncode == 0
    lonely = guichet("kb", "diff", data_dir=tmp_path, settings=settings)
    assert lonely.returncode == 1
    assert "no generation before the current one" in lonely.stderr

    path = min(content.rglob("*.md"))
    asked = {"text": yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])["questions"][0]}
    queries = tmp_path / "queries.jsonl"
    queries.write_text(json.dumps(asked | {"topic": f"redirect-{path.stem}"}) + "\n", encoding="utf-8")
    path.unlink()
    assert guichet("kb", "index", data_dir=tmp_path, settings=settings).returncode == 0
    words = ("kb", "diff", "previous", "current", "--queries", str(queries))
    done = guichet(*words, data_dir=tmp_path, settings=settings)
    assert done.returncode == 0, done.stderr
    assert f"answer: {path.stem}" in done.stdout
    assert "[right] → " in done.stdout
    assert done.stdout.endswith("1 questions: 0 gained, 1 lost, 0 changed\n")
    values = json.loads(guichet(*words, "--json", data_dir=tmp_path, settings=settings).stdout)
    assert (values["asked"], values["lost"], values["changes"][0]["before"]["right"]) == (1, 1, True)


def test_kb_index_refuses_a_broken_file_and_goes_back(tmp_path: Path) -> None:
    content = small_content(tmp_path / "content")
    settings = {"GUICHET_CONTENT_DIR": str(content)}

    def index(*options: str) -> subprocess.CompletedProcess[str]:
        return guichet("kb", "index", *options, data_dir=tmp_path, settings=settings)

    def generation(done: subprocess.CompletedProcess[str]) -> str:
        found = re.search(r"generation (\S+?)[: ]", done.stdout)
        assert found, (done.stdout, done.stderr)
        return found[1]

    first = generation(index())
    path = next(content.rglob("*.md"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\ntype: redirect", "\ntype: nothing"), encoding="utf-8")
    refused = index()
    assert refused.returncode == 1
    assert re.search(rf"^{path}:\d+: type: 'nothing' is not one of", refused.stderr, re.MULTILINE)
    examined = guichet("doctor", "--json", data_dir=tmp_path, settings=settings).stdout
    found = {check["name"]: check for check in json.loads(examined)}
    assert (found["content"]["status"], found["index"]["status"]) == ("FAULT", "note")
    assert first in found["index"]["detail"]
    path.write_text(text.replace("\nowner: ", "\nowner: Autre "), encoding="utf-8")
    second = generation(index("--if-stale"))
    assert generation(index("--rollback")) == first
    assert generation(index("--if-stale")) == first
    assert generation(index("--rollback", second)) == second
    assert index("--rollback", "elsewhere").returncode == 1
    assert index(second).returncode == 2
