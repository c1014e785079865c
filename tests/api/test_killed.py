"""The real gateway, killed again and again while callbacks are asked: each one confirmed is there, once.

pytest tests/api/test_killed.py -m slow      # 500 callbacks, ten kills (`kill -9`)
"""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.fernet import Fernet

from records import HandoffStatus, Records, RecordsSettings
from tests.api.test_handoffs import CALLBACK
from tests.stack import ROOT, clean_environment, free_ports

RESIDENTS = 8
START_SECONDS = 300


class KilledGateway:
    """A gateway process on SQLite, which is started again after each kill."""

    def __init__(self, data_dir: Path, redis_url: str) -> None:
        (port,) = free_ports(1)
        (data_dir / "cache").symlink_to(ROOT / "var" / "cache")
        self.url = f"http://127.0.0.1:{port}"
        self.key = Fernet.generate_key().decode()
        self.data_dir = data_dir
        self._environment = clean_environment() | {
            "GUICHET_DATA_DIR": str(data_dir),
            "GUICHET_CONTENT_DIR": str(few_articles(data_dir / "content")),
            "GUICHET_REDIS_URL": redis_url,
            "GUICHET_ENCRYPTION_KEY": self.key,
            "GUICHET_LEDGER_KEY": self.key,
            "GUICHET_GATEWAY_PORT": str(port),
            "GUICHET_LANGUAGES": json.dumps(["fr"]),
            "GUICHET_WEBHOOK_URL": "http://127.0.0.1:9/",  # nobody: its messages stay in the outbox
            "GUICHET_WEBHOOK_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3A=",
            **{f"GUICHET_{name}_RATE": "100000/minute" for name in ("ADDRESS", "CONVERSATION", "MESSAGE")},
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.data_dir / "gateway.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "guichet", "serve", "gateway"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/health/live", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError((self.data_dir / "gateway.log").read_text()[-3000:])

    def records(self) -> Records:
        settings = RecordsSettings(data_dir=self.data_dir, encryption_key=self.key, ledger_key=self.key)
        return Records(settings)

    def kill(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()


def few_articles(folder: Path) -> Path:
    """The content that callbacks need, so that a start takes seconds: texts, directory, emergencies."""
    whole = ROOT / "knowledge" / "content"
    for part in ("texts", "directory", "common/fr/emergency"):
        shutil.copytree(whole / part, folder / part)
    return folder


@pytest.fixture
def gateway(tmp_path: Path, valkey: str) -> Iterator[KilledGateway]:
    made = KilledGateway(tmp_path, valkey)
    with made.records() as records:
        records.upgrade()
    try:
        made.start()
        yield made
    finally:
        made.kill()


def until_answered(send: Any) -> dict[str, Any]:
    """What the gateway answers, asked again each time that it dies or is not there."""
    while True:
        try:
            response = send()
            assert response.is_success or response.status_code == 503, response.text
            if response.is_success:
                answer: dict[str, Any] = response.json()
                return answer
        except httpx.HTTPError:
            pass
        time.sleep(0.25)  # eight impatient residents must not take the time that a start needs


def ask_for_callbacks(url: str, numbers: Iterator[int], confirmed: list[tuple[str, str]], most: int) -> None:
    with httpx.Client(base_url=url, timeout=10) as client:
        opened = until_answered(lambda: client.post("/api/v1/conversations", json={}))
        path = f"/api/v1/conversations/{opened['conversation_id']}/handoffs"
        headers = {"Authorization": f"Bearer {opened['token']}"}
        while next(numbers) < most:
            body = {**CALLBACK, "client_message_id": str(uuid4())}
            answer = until_answered(lambda body=body: client.post(path, json=body, headers=headers))
            confirmed.append((answer["reference"], answer["code"]))


@pytest.mark.parametrize(
    ("callbacks", "kills"),
    [
        pytest.param(60, 2, marks=pytest.mark.timeout(1200)),
        pytest.param(500, 10, marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
def test_every_confirmed_callback_is_there_once(gateway: KilledGateway, callbacks: int, kills: int) -> None:
    confirmed: list[tuple[str, str]] = []
    numbers = itertools.count()
    with ThreadPoolExecutor(RESIDENTS) as residents:
        work = [
            residents.submit(ask_for_callbacks, gateway.url, numbers, confirmed, callbacks)
            for _ in range(RESIDENTS)
        ]
        for kill in range(1, kills + 1):
            while len(confirmed) < kill * callbacks // (kills + 1):
                time.sleep(0.005)
            gateway.kill()
            gateway.start()
        for each in work:
            each.result()
    with gateway.records() as records:
        records.replay()
        kept = [*records.handoffs(), *records.handoffs(HandoffStatus.CANCELLED)]
        assert len(confirmed) == callbacks
        assert Counter(handoff.reference for handoff in kept) == Counter(
            reference for reference, _ in confirmed
        )
        assert max(Counter(reference for reference, _ in confirmed).values()) == 1
        assert all(records.callback(reference, code) for reference, code in confirmed)
        assert records.outbox.waiting() == callbacks
