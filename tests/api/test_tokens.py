"""Tokens open one conversation, for a time."""

import pytest

from api.problems import Problem, ProblemKind
from api.tokens import Ticket, Tokens
from records.entries import Channel

TICKET = Ticket("c1", "fr", Channel.WEB)


def test_a_token_gives_back_its_ticket() -> None:
    tokens = Tokens("secret", 60)
    assert tokens.read(tokens.issue(TICKET)) == TICKET


@pytest.mark.parametrize("harm", [lambda t: t[:-1], lambda t: t + "a", lambda t: "x" + t[1:], lambda _: ""])
def test_a_harmed_token_is_refused(harm) -> None:  # type: ignore[no-untyped-def]
    tokens = Tokens("secret", 60)
    with pytest.raises(Problem) as refused:
        tokens.read(harm(tokens.issue(TICKET)))
    assert refused.value.kind is ProblemKind.INVALID_TOKEN


def test_another_secret_s_token_is_refused() -> None:
    with pytest.raises(Problem):
        Tokens("one", 60).read(Tokens("other", 60).issue(TICKET))


def test_an_old_token_is_refused() -> None:
    with pytest.raises(Problem):
        Tokens("secret", -1).read(Tokens("secret", 60).issue(TICKET))
