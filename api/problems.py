"""Errors of the API: one shape everywhere, RFC 9457 problem+json.

`detail` is the plain sentence a resident reads; it comes from the catalogues, in the language of the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from traceback import format_exception
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from records.errors import RecordsUnavailable

log = structlog.get_logger(__name__)

PROBLEM_MEDIA_TYPE = "application/problem+json"


class ProblemKind(Enum):
    """Every problem: its HTTP status and the key of its sentence in the catalogues."""

    INVALID_REQUEST = (HTTPStatus.UNPROCESSABLE_ENTITY, "errors.invalid_request")
    MESSAGE_EMPTY = (HTTPStatus.UNPROCESSABLE_ENTITY, "errors.message_empty")
    MESSAGE_TOO_LONG = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "errors.message_too_long")
    INVALID_TOKEN = (HTTPStatus.UNAUTHORIZED, "errors.invalid_token")
    ORIGIN_NOT_ALLOWED = (HTTPStatus.FORBIDDEN, "errors.origin_not_allowed")
    CONVERSATION_NOT_FOUND = (HTTPStatus.NOT_FOUND, "errors.conversation_not_found")
    CALLBACK_NOT_FOUND = (HTTPStatus.NOT_FOUND, "errors.callback_not_found")
    NOT_FOUND = (HTTPStatus.NOT_FOUND, "errors.not_found")
    METHOD_NOT_ALLOWED = (HTTPStatus.METHOD_NOT_ALLOWED, "errors.invalid_request")
    CHILD_NO_CALLBACK = (HTTPStatus.FORBIDDEN, "errors.child_no_callback")
    SIGN_IN_NEEDED = (HTTPStatus.UNAUTHORIZED, "errors.sign_in_needed")
    NOT_FOR_YOU = (HTTPStatus.FORBIDDEN, "errors.not_for_you")
    PAGE_EXPIRED = (HTTPStatus.FORBIDDEN, "errors.page_expired")
    LIVE_MOVED = (HTTPStatus.CONFLICT, "errors.live_moved")
    LIVE_TOO_MANY = (HTTPStatus.CONFLICT, "errors.live_too_many")
    CHANGED_MEANWHILE = (HTTPStatus.CONFLICT, "errors.changed_meanwhile")
    BUSY = (HTTPStatus.CONFLICT, "errors.busy")
    TOO_MANY_REQUESTS = (HTTPStatus.TOO_MANY_REQUESTS, "errors.too_many_requests")
    UNAVAILABLE = (HTTPStatus.SERVICE_UNAVAILABLE, "errors.unavailable")
    INTERNAL = (HTTPStatus.INTERNAL_SERVER_ERROR, "errors.unavailable")

    @property
    def status(self) -> HTTPStatus:
        """HTTP status."""
        return self.value[0]

    @property
    def text_key(self) -> str:
        """Key of the sentence in the catalogues."""
        return self.value[1]

    @property
    def slug(self) -> str:
        """Identifier of the problem, as its `type` shows it."""
        return self.name.lower().replace("_", "-")


@dataclass
class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """Raised anywhere in the gateway; answered as problem+json."""

    kind: ProblemKind
    language: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def problem_response(request: Request, problem: Problem) -> Response:
    """Renders a problem; never fails, since it is the last thing that can answer."""
    gateway = request.app.state.gateway
    language = problem.language or gateway.language_of(request)
    detail = gateway.composer.texts.get(language, problem.kind.text_key, **problem.values)
    as_page: Response | None = request.app.state.problem_page(request, problem, detail)
    if as_page is not None:
        return as_page
    body = {
        "type": f"/problems/{problem.kind.slug}",
        "title": problem.kind.status.phrase,
        "status": problem.kind.status.value,
        "detail": detail,
        "instance": request.url.path,
        "language": language,
        **problem.extra,
    }
    return JSONResponse(body, problem.kind.status.value, dict(problem.headers), PROBLEM_MEDIA_TYPE)


_OF_STATUS = {
    HTTPStatus.NOT_FOUND: ProblemKind.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: ProblemKind.METHOD_NOT_ALLOWED,
    HTTPStatus.UNAUTHORIZED: ProblemKind.INVALID_TOKEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ProblemKind.MESSAGE_TOO_LONG,
}


def install_problem_handlers(app: FastAPI) -> None:
    """Makes every error of `app` a problem+json."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 - narrows what Starlette passes
        return problem_response(request, error)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - narrows what Starlette passes
        kind = _OF_STATUS.get(HTTPStatus(error.status_code), ProblemKind.INVALID_REQUEST)
        return problem_response(request, Problem(kind, headers=error.headers or {}))

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows what Starlette passes
        # The rejected values are left out: they may hold personal data.
        errors = [{"field": ".".join(map(str, e["loc"])), "reason": e["msg"]} for e in error.errors()]
        return problem_response(request, Problem(ProblemKind.INVALID_REQUEST, extra={"errors": errors}))

    async def on_anything(request: Request, error: Exception) -> Response:
        # The traceback without the values of its variables: they may hold what a resident wrote.
        log.error("request_failed", path=request.url.path, traceback="".join(format_exception(error)))
        return problem_response(request, Problem(ProblemKind.INTERNAL))

    async def on_records(request: Request, error: Exception) -> Response:
        log.warning("part_down", part="sql", cause=str(error))
        return problem_response(request, Problem(ProblemKind.UNAVAILABLE))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RecordsUnavailable, on_records)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(Exception, on_anything)
