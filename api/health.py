"""Is it alive, is it ready, what does it count. No part of these answers says anything of a resident."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from api.dependencies import TheGateway
from api.schemas import Health, KnowledgeState
from api.state import Gateway
from knowledge.publish import content_errors
from records.errors import RecordsUnavailable

router = APIRouter(tags=["operations"])

OK = "ok"


@router.get("/health/live", summary="The process answers")
async def live() -> dict[str, bool]:
    """Says nothing of the other parts."""
    return {"live": True}


@router.get("/health/ready", summary="Every part answers", responses={503: {"model": Health}})
async def ready(gateway: TheGateway, response: Response) -> Health:
    """503 while a part is down; residents then still get a human contact and the emergency numbers.

    Content that cannot be published is no fault: the last good generation answers.
    """
    parts = dict(zip(("redis", "sql", "rasa", "actions"), await asyncio.gather(
        _redis(gateway), _sql(gateway), _rasa(gateway), _actions(gateway)), strict=True))  # fmt: skip
    is_ready = all(state == OK for state in parts.values())
    if not is_ready:
        response.status_code = 503
    return Health(ready=is_ready, parts=parts, knowledge=await asyncio.to_thread(_knowledge, gateway))


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def metrics(gateway: TheGateway) -> Response:
    """Counts of this gateway process."""
    return Response(generate_latest(gateway.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _knowledge(gateway: Gateway) -> KnowledgeState:
    """What answers, and whether somebody has content to correct; the files are named by `guichet doctor`."""
    errors = content_errors(gateway.knowledge.index_dir)
    return KnowledgeState(
        generation=gateway.now.generation, content_errors=len(errors.problems) if errors else 0
    )


async def _redis(gateway: Gateway) -> str:
    try:
        await gateway.redis.ping()
    except (RedisError, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    return OK


async def _sql(gateway: Gateway) -> str:
    try:
        await asyncio.to_thread(gateway.records.ping)
    except RecordsUnavailable as error:
        return f"does not answer ({error.reason})"
    return OK


async def _rasa(gateway: Gateway) -> str:
    return OK if await gateway.engine.ready() else "does not answer, or has no model"


async def _actions(gateway: Gateway) -> str:
    return OK if await gateway.engine.actions_ready() else "does not answer"
