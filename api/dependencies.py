"""What routes ask for: the gateway, the conversation's ticket, the caller's address."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Problem, ProblemKind
from api.state import Gateway
from api.tokens import Ticket

# Declares the scheme in openapi.json; `the_ticket` checks the token itself, with a problem+json as its error.
_bearer = HTTPBearer(auto_error=False, description="The token given when the conversation was opened.")


def the_gateway(request: Request) -> Gateway:
    """The gateway, held to one generation of the knowledge until the request is answered."""
    return running_gateway(request).at_once()


def running_gateway(request: Request) -> Gateway:
    """The gateway for what lasts, such as a stream of events, and must not keep an old generation alive."""
    return cast("Gateway", request.app.state.gateway)


def the_ticket(
    request: Request,
    conversation_id: str,
    gateway: Annotated[Gateway, Depends(running_gateway)],
    _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Ticket:
    """The ticket of this conversation.

    Raises:
        Problem: The token is missing, not valid, or that of another conversation.
    """
    ticket = gateway.ticket_of(request)
    if ticket.conversation_id != conversation_id:
        raise Problem(ProblemKind.INVALID_TOKEN, gateway.spoken(ticket.language))
    return ticket


def the_address(request: Request) -> str:
    """The caller's network address, for rate limits only. uvicorn resolves trusted proxies."""
    return request.client.host if request.client else "unknown"


TheGateway = Annotated[Gateway, Depends(the_gateway)]
TheRunningGateway = Annotated[Gateway, Depends(running_gateway)]
TheTicket = Annotated[Ticket, Depends(the_ticket)]
Address = Annotated[str, Depends(the_address)]
