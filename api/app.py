"""Builds the gateway: `create_app` is the factory that uvicorn is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import callbacks, conversations, handoffs, health, public
from api.anchoring import anchoring
from api.contacts import ContactsGuard
from api.engine import Engine, RasaEngine
from api.limits import Limiter
from api.live import resident as live_resident
from api.live.sweeper import sweeping
from api.metrics import new_metrics
from api.openapi import describe
from api.outbox import delivering
from api.problems import install_problem_handlers
from api.replay import replaying
from api.security import SecurityMiddleware
from api.settings import ApiSettings
from api.site import install_pages
from api.staff import assistant as staff_assistant
from api.staff import live as live_staff
from api.staff import readings, requests_api
from api.staff.site import install_staff
from api.state import Gateway
from api.tokens import Tokens
from api.turn import warm_up
from knowledge.live import LiveKnowledge
from knowledge.settings import KnowledgeSettings
from knowledge.taxonomy import load_taxonomy
from records.settings import RecordsSettings
from records.store import Records
from understanding.meaning import Meaning

log = structlog.get_logger(__name__)

GZIP_FROM_BYTES = 1000
DESCRIPTION = (
    "The residents' assistant of a French département. Every call after the first carries the token."
)


def create_app() -> FastAPI:
    """The gateway, its settings read from the environment."""
    return build_app(ApiSettings(), KnowledgeSettings(), RecordsSettings())


def build_app(
    settings: ApiSettings,
    knowledge: KnowledgeSettings,
    records: RecordsSettings,
    *,
    engine: Engine | None = None,
) -> FastAPI:
    """The gateway.

    Args:
        settings: The gateway's.
        knowledge: Where the knowledge base is.
        records: Where the records are.
        engine: Another dialogue engine than Rasa.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        gateway: Gateway = app.state.gateway
        await asyncio.to_thread(warm_up, gateway)
        gateway.live.start()
        async with (
            replaying(gateway.records),
            sweeping(gateway),
            anchoring(gateway.records),
            delivering(gateway),
        ):
            log.info("gateway_ready", url=settings.public_url)
            yield
        await asyncio.to_thread(gateway.live.stop)
        await gateway.redis.aclose()
        gateway.records.close()

    app = routes_only()
    app.router.lifespan_context = lifespan
    app.state.gateway = _open(settings, knowledge, records, engine or _rasa(settings))
    install_pages(app)
    install_staff(app)
    # Residents come by phone, on slow networks; event streams are left alone by Starlette.
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES)
    app.add_middleware(
        SecurityMiddleware,
        origins=frozenset(settings.allowed_origins),
        body_bytes=settings.body_bytes,
        message_characters=settings.message_characters,
    )
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


def routes_only() -> FastAPI:
    """The routes of the contract with nothing behind them: enough to describe them."""
    app = FastAPI(
        title="Guichet",
        version="1",
        description=DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    for room in (
        conversations,
        handoffs,
        callbacks,
        live_resident,
        staff_assistant,
        live_staff,
        requests_api,
        public,
        health,
    ):
        app.include_router(room.router)
    app.include_router(readings.data)
    install_problem_handlers(app)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign] # FastAPI's documented way to extend it
    return app


def _rasa(settings: ApiSettings) -> RasaEngine:
    return RasaEngine(
        settings.rasa_url,
        settings.rasa_secret.get_secret_value(),
        actions_url=settings.actions_url,
        seconds=settings.rasa_seconds,
    )


def _open(
    settings: ApiSettings, knowledge: KnowledgeSettings, records: RecordsSettings, engine: Engine
) -> Gateway:
    contacts = ContactsGuard()
    redis = _redis(settings)
    return Gateway(
        settings=settings,
        knowledge=knowledge,
        taxonomy=load_taxonomy(),
        live=LiveKnowledge(knowledge, searches=False, warm=contacts.learn),
        records=Records(records),
        redis=redis,
        engine=engine,
        limiter=Limiter(redis, settings.redis_url),
        tokens=Tokens(settings.secret_key.get_secret_value(), settings.token_hours * 3600),
        contacts=contacts,
        metrics=new_metrics(),
        meaning=_meaning(knowledge),
    )


def _meaning(knowledge: KnowledgeSettings) -> Meaning | None:
    """The model that danger is told by; the lexicons of danger do without it, and Rasa embeds by itself."""
    try:
        return Meaning(knowledge.cache_dir)
    except (OSError, ValueError, RuntimeError):
        log.exception("meaning_not_loaded")
        return None


def _redis(settings: ApiSettings) -> Redis:
    """A client that says at once when Redis is down: a resident is waiting."""
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=settings.redis_seconds,
        socket_connect_timeout=settings.redis_seconds,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=0,
    )
