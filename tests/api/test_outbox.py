"""Telling services: a real SMTP server and a real HTTP server, that fail first and then come back."""

import asyncio
import base64
import email
import hmac
import json
import threading
from collections.abc import AsyncIterator, Iterator
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr, ValidationError

from api.delivery_settings import SmtpTls
from api.outbox import Courier, senders
from api.settings import ApiSettings
from records.entries import DeliveryChannel
from tests.api.conftest import Resident, app_of, running
from tests.api.double import EngineDouble
from tests.api.test_handoffs import CALLBACK
from tests.stack import free_ports

KEY = b"0123456789abcdefghijklmnopqrstuv"
SECRET = SecretStr("whsec_" + base64.b64encode(KEY).decode())


class Mailbox:
    """An SMTP server on this machine; `refusing` is the answer it gives to a message instead of taking it."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.taken: list[Message] = []
        self.came = threading.Event()
        self.refusing: str | None = None
        self._controller: Controller | None = None

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        if self.refusing:
            return self.refusing
        self.taken.append(email.message_from_bytes(envelope.content, policy=default))
        self.came.set()
        return "250 taken"

    def start(self, **options: Any) -> "Mailbox":
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    opened = Mailbox()
    yield opened
    opened.stop()


class Tool:
    """A ticketing tool: an HTTP server that answers with the statuses it is given, then 204."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        tool = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                tool.calls.append((dict(self.headers), body))
                self.send_response(tool.statuses.pop(0) if tool.statuses else 204)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def tool() -> Iterator[Tool]:
    opened = Tool()
    yield opened
    opened.stop()


def by_mail(settings: ApiSettings, mailbox: Mailbox, **more: Any) -> ApiSettings:
    values = {
        "smtp_host": "127.0.0.1",
        "smtp_port": mailbox.port,
        "smtp_tls": SmtpTls.NONE,
        "smtp_sender": "Guichet <guichet@garlaban.example>",
        **more,
    }
    return settings.model_copy(update=values)


def by_webhook(settings: ApiSettings, tool: Tool, **more: Any) -> ApiSettings:
    return settings.model_copy(update={"webhook_url": tool.url, "webhook_secret": SECRET, **more})


async def one_callback(client: httpx.AsyncClient) -> dict[str, Any]:
    resident = await Resident.arrives(client)
    return (await resident.post("handoffs", {**CALLBACK, "subject": "ma demande"})).json()


def courier(client: httpx.AsyncClient) -> Courier:
    """One more gateway's, with no wait between attempts; the gateway's own was held back by `quiet`."""
    gateway = app_of(client).state.gateway
    return Courier(gateway, senders(gateway.settings), waits=(0.0,), every=0.01)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway's own courier sleeps, so that each attempt is the test's."""

    async def sleep(self: Courier, stop: asyncio.Event) -> None:
        await stop.wait()

    monkeypatch.setattr(Courier, "work", sleep)


@pytest.fixture
async def mailing(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble, mailbox: Mailbox
) -> AsyncIterator[httpx.AsyncClient]:
    async with running(by_mail(settings, mailbox), tmp_path, engine) as client:
        yield client


async def test_a_service_gets_one_e_mail_that_names_nobody(
    mailing: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    mailbox.start()
    made = await one_callback(mailing)
    sender = courier(mailing)
    assert await sender.send_one()
    assert not await sender.send_one()
    (mail,) = mailbox.taken
    service = app_of(mailing).state.gateway.composer.directory.services[made["service"]["id"]]
    assert mail["To"] == service.email
    assert made["reference"] in mail["Subject"]
    assert "http://gateway.example/staff" in mail.get_content()  # type: ignore[attr-defined]
    assert mail["Message-ID"].endswith("@garlaban.example>")
    assert all(word not in mail.as_string() for word in ("Jeanne", "639981234", "ma demande", made["code"]))


async def test_the_server_is_down_then_up(mailing: httpx.AsyncClient, mailbox: Mailbox) -> None:
    await one_callback(mailing)
    sender = courier(mailing)
    records = app_of(mailing).state.gateway.records
    assert await sender.send_one()
    assert records.outbox.waiting() == 1
    mailbox.start()
    mailbox.refusing = "451 jeanne@exemple.example is not known here"
    assert await sender.send_one()
    (waiting,) = records.outbox.of_handoff(records.handoffs()[0].id)
    assert (waiting.error, waiting.attempts) == ("SMTP 451", 2), "what a server says may hold personal data"
    mailbox.refusing = None
    assert await sender.send_one()
    assert records.outbox.waiting() == 0
    assert not await sender.send_one()
    assert len(mailbox.taken) == 1


async def test_a_cancelled_callback_is_told_after_it_was_announced(
    mailing: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    mailbox.start()
    made = await one_callback(mailing)
    sender = courier(mailing)
    await sender.send_one()
    await mailing.post(
        "/api/v1/callbacks/cancel", json={"reference": made["reference"], "code": made["code"]}
    )
    await sender.send_one()
    assert "annulée" in mailbox.taken[1]["Subject"]
    assert mailbox.taken[0]["Message-ID"] != mailbox.taken[1]["Message-ID"]


async def test_details_leave_only_where_a_setting_allows_it(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble, mailbox: Mailbox
) -> None:
    mailbox.start()
    chosen = by_mail(settings, mailbox, callback_details=True, callback_mailbox="rappels@garlaban.example")
    async with running(chosen, tmp_path, engine) as client:
        await one_callback(client)
        await courier(client).send_one()
    (mail,) = mailbox.taken
    assert mail["To"] == "rappels@garlaban.example"
    assert all(word in mail.get_content() for word in ("Jeanne", "+33639981234", "ma demande"))  # type: ignore[attr-defined]


async def test_the_server_may_ask_for_a_password_over_tls(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble, mailbox: Mailbox
) -> None:
    context, authority = certificate(tmp_path)

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"guichet", b"a good password"))

    mailbox.start(tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate)
    chosen = by_mail(
        settings,
        mailbox,
        smtp_host="localhost",
        smtp_tls=SmtpTls.STARTTLS,
        smtp_ca_file=authority,
        smtp_user="guichet",
        smtp_password=SecretStr("a good password"),
    )
    async with running(chosen, tmp_path, engine) as client:
        await one_callback(client)
        await courier(client).send_one()
        distrustful = by_mail(settings, mailbox, smtp_host="localhost", smtp_tls=SmtpTls.STARTTLS)
        app_of(client).state.gateway.settings = distrustful
        await one_callback(client)
        await courier(client).send_one()
        assert app_of(client).state.gateway.records.outbox.waiting() == 1
    assert len(mailbox.taken) == 1, "a server that nobody vouches for gets nothing"


async def test_the_webhook_is_signed_and_tried_again_under_the_same_identifier(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble, tool: Tool
) -> None:
    tool.statuses = [503, 302]
    async with running(by_webhook(settings, tool), tmp_path, engine) as client:
        made = await one_callback(client)
        sender = courier(client)
        while await sender.send_one():
            pass
    assert len(tool.calls) == 3
    assert len({headers["webhook-id"] for headers, _ in tool.calls}) == 1
    headers, body = tool.calls[-1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(KEY, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    event = json.loads(body)
    assert (event["type"], event["data"]["reference"]) == ("callback.created", made["reference"])
    assert "contact" not in event["data"]
    assert b"Jeanne" not in body


async def test_one_way_that_fails_does_not_hold_the_other(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble, tool: Tool, mailbox: Mailbox
) -> None:
    chosen = by_webhook(by_mail(settings, mailbox), tool)
    async with running(chosen, tmp_path, engine) as client:
        await one_callback(client)
        sender = courier(client)
        await sender.send_one()
        await sender.send_one()
        told = app_of(client).state.gateway.records.outbox
        left = await asyncio.to_thread(told.claim, frozenset(DeliveryChannel))
    assert left is not None
    assert left.channel is DeliveryChannel.EMAIL
    assert len(tool.calls) == 1


async def test_the_gateway_sends_by_itself(
    settings: ApiSettings,
    tmp_path: Path,
    engine: EngineDouble,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # its own courier is awake again
    mailbox.start()
    async with running(by_mail(settings, mailbox), tmp_path, engine) as client:
        await one_callback(client)
        await asyncio.to_thread(mailbox.came.wait, 60)
    assert len(mailbox.taken) == 1


def test_the_signature_is_that_of_the_specification() -> None:
    from api.webhook import signature  # noqa: PLC0415 - beside the example of the specification

    # The example of github.com/standard-webhooks/standard-webhooks (libraries, tests).
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_host": "mail.garlaban.example"},
        {"smtp_host": "m", "smtp_sender": "a@b.example", "smtp_tls": "none", "smtp_user": "u"},
        {"webhook_url": "https://tickets.example/hook"},
        {"webhook_url": "https://tickets.example/hook", "webhook_secret": "whsec_c2hvcnQ="},
        {"webhook_url": "ftp://tickets.example", "webhook_secret": SECRET},
        {"webhook_url": "http://tickets.example", "webhook_secret": SECRET, "callback_details": True},
    ],
)
def test_settings_that_cannot_work_stop_the_start_without_showing_a_secret(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as told:
        ApiSettings(**wrong, smtp_password=SecretStr("hidden-word"))
    assert "hidden-word" not in str(told.value)
    assert "c2hvcnQ" not in str(told.value)


def certificate(folder: Path) -> tuple[Any, Path]:
    """A certificate for localhost, signed by itself, and the file that vouches for it."""
    import datetime as dt  # noqa: PLC0415 - only here
    import ssl  # noqa: PLC0415 - only here

    from cryptography import x509  # noqa: PLC0415 - only here
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - only here
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - only here

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / "smtp.pem", folder / "smtp.key"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return context, file
