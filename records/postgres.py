"""PostgreSQL that never makes a resident wait: every wait on the server has an end on our side too.

Server-side limits (statement_timeout, lock_timeout) do nothing when the server is frozen or the network
drops packets in silence, and libpq has no read limit. psycopg takes one for each wait.
"""

from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

ANSWER_LIMIT = 1.1
"""Seconds left to the server to answer one statement; above lock_timeout, so that a lock says its name."""

CONNECT_ARGUMENTS: dict[str, Any] = {
    "connect_timeout": 2,  # seconds; libpq's and psycopg's least value
    "application_name": "guichet",
    "options": "-c statement_timeout=2000 -c lock_timeout=900 -c idle_in_transaction_session_timeout=10000"
    " -c timezone=UTC",
}

_Value = TypeVar("_Value")


class ImpatientConnection(psycopg.Connection[Any]):
    """A psycopg connection that gives up, and closes itself, after ANSWER_LIMIT seconds without an answer."""

    def wait(self, gen: PQGen[_Value], interval: float = 0.1, timeout: float | None = None) -> _Value:
        """Wait for the server.

        Raises:
            TimeoutError: no answer in time; the connection is closed, so that no late answer is misread.
        """
        start = monotonic()
        try:
            return super().wait(gen, interval, min(timeout or ANSWER_LIMIT, ANSWER_LIMIT))
        except psycopg.OperationalError:
            if monotonic() - start < ANSWER_LIMIT:
                raise
            self.pgconn.finish()
            raise TimeoutError(f"PostgreSQL gave no answer in {ANSWER_LIMIT} s") from None
