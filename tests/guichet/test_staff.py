"""`guichet staff`, as an administrator types it."""

import json
from pathlib import Path

from api.staff import passwords
from records import Records, RecordsSettings
from tests.guichet.test_audit import ENCRYPTION_KEY
from tests.guichet.test_cli import Done, guichet
from tests.records.conftest import LEDGER_KEY


def staff(data_dir: Path, *words: str) -> Done:
    keys = {"GUICHET_LEDGER_KEY": LEDGER_KEY, "GUICHET_ENCRYPTION_KEY": ENCRYPTION_KEY}
    return guichet("staff", *words, data_dir=data_dir, settings=keys)


def password_hash(data_dir: Path, login: str) -> str | None:
    settings = RecordsSettings(data_dir=data_dir, encryption_key=ENCRYPTION_KEY, ledger_key=LEDGER_KEY)
    with Records(settings) as records:
        agent = records.staff.by_login(login)
        assert agent is not None
        return agent.password_hash


def test_an_account_is_made_with_a_password_that_is_shown_once(tmp_path: Path) -> None:
    done = staff(tmp_path, "add", "amina", "--name", "Amina", "--service", "mdph", "--service", "accueil")
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == "amina: agent, reads the requests of mdph, accueil"
    shown = second.removeprefix("password, shown once: ")
    kept = password_hash(tmp_path, "amina")
    assert kept is not None
    assert shown not in kept
    assert passwords.is_right(kept, shown)
    assert not passwords.is_right(kept, shown + "x")
    (listed,) = json.loads(staff(tmp_path, "list", "--json").stdout)
    assert (listed["login"], listed["services"], listed["active"]) == ("amina", ["accueil", "mdph"], True)


def test_an_account_is_closed_and_opened_again(tmp_path: Path) -> None:
    staff(tmp_path, "add", "amina", "--name", "Amina", "--service", "mdph")
    assert staff(tmp_path, "disable", "amina").stdout == "amina: done\n"
    assert "disabled" in staff(tmp_path, "list").stdout
    staff(tmp_path, "enable", "amina")
    assert "disabled" not in staff(tmp_path, "list").stdout


def test_a_new_password_replaces_the_old_one(tmp_path: Path) -> None:
    staff(tmp_path, "add", "amina", "--name", "Amina")
    before = password_hash(tmp_path, "amina")
    assert staff(tmp_path, "password", "amina").returncode == 0
    assert password_hash(tmp_path, "amina") not in (None, before)


def test_what_cannot_be_is_said(tmp_path: Path) -> None:
    done = staff(tmp_path, "add", "amina", "--name", "Amina", "--service", "nowhere")
    assert (done.returncode, "no service nowhere; there are" in done.stderr) == (2, True)
    staff(tmp_path, "add", "amina", "--name", "Amina")
    assert staff(tmp_path, "add", "amina", "--name", "Another").returncode == 1
    done = staff(tmp_path, "disable", "bruno")
    assert (done.returncode, "there is no account bruno" in done.stderr) == (1, True)
