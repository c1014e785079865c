"""Accounts of agents and administrators, their open sessions, and the lock after repeated failures.

A session is kept as the SHA-256 of its token, so that whoever reads the database can open none. Closing one
here ends it at once, in every gateway.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from records.database import Database, insert_new, read_entry
from records.entries import Agent, Role, new_id, now
from records.errors import AlreadyThere, UnknownRecord
from records.tables import AgentRow, StaffSessionRow


class StaffAccounts:
    """The accounts. Every method may raise RecordsUnavailable; calls block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- accounts

    def add(
        self,
        *,
        login: str,
        name: str,
        role: Role,
        services: Iterable[str] = (),
        password_hash: str | None = None,
        subject: str | None = None,
    ) -> Agent:
        """Add an account.

        Args:
            login: what the agent signs in with, a name or an e-mail; its case does not count.
            name: what residents see.
            role: what the account may do.
            services: identifiers of the services whose requests it may read.
            password_hash: an encoded hash; None when the agent signs in by the identity provider only.
            subject: the identity provider's identifier of the agent.

        Raises:
            AlreadyThere: the login or the subject is taken.
            BadRecord: a text is longer than its column.
        """
        agent = Agent(
            id=new_id(),
            login=normal_login(login),
            name=name.strip(),
            role=role,
            services=frozenset(services),
            password_hash=password_hash,
            subject=subject,
        )
        values = {**vars(agent), "role": role.value, "services": sorted(agent.services)}
        with self._database.writing() as session:
            if not insert_new(session, AgentRow, **values):
                raise AlreadyThere(f"there is an account {agent.login}")
        return agent

    def find(self, agent_id: str) -> Agent | None:
        """Return the account, or None."""
        with self._database.reading() as session:
            row = session.get(AgentRow, agent_id)
            return read_entry(Agent, row) if row else None

    def by_login(self, login: str) -> Agent | None:
        """Return the account with this sign-in name, or None."""
        with self._database.reading() as session:
            row = session.scalar(select(AgentRow).where(AgentRow.login == normal_login(login)))
            return read_entry(Agent, row) if row else None

    def by_subject(self, subject: str) -> Agent | None:
        """Return the account bound to this subject of the identity provider, or None."""
        with self._database.reading() as session:
            row = session.scalar(select(AgentRow).where(AgentRow.subject == subject))
            return read_entry(Agent, row) if row else None

    def all(self) -> tuple[Agent, ...]:
        """Return the accounts, by name."""
        with self._database.reading() as session:
            rows = session.scalars(select(AgentRow).order_by(AgentRow.name, AgentRow.login))
            return tuple(read_entry(Agent, row) for row in rows)

    def set_password(self, agent_id: str, password_hash: str) -> None:
        """Change the password, end every session of the account and unlock it."""
        with self._database.writing() as session:
            _change(session, agent_id, password_hash=password_hash, failures=0, locked_until=None)
            _end_sessions(session, agent_id)

    def keep_hash(self, agent_id: str, password_hash: str) -> None:
        """Keep the same password under a newer hash; sessions stay open."""
        with self._database.writing() as session:
            _change(session, agent_id, password_hash=password_hash)

    def set_active(self, agent_id: str, *, active: bool) -> None:
        """Let the account sign in, or stop it and end its sessions."""
        with self._database.writing() as session:
            _change(session, agent_id, active=active, failures=0, locked_until=None)
            if not active:
                _change(session, agent_id, available=False)
                _end_sessions(session, agent_id)

    def set_services(self, agent_id: str, services: Iterable[str]) -> None:
        """Change the services whose requests the account may read, at once."""
        with self._database.writing() as session:
            _change(session, agent_id, services=sorted(set(services)))

    def set_available(self, agent_id: str, *, available: bool) -> None:
        """Note that the agent takes live requests, or is away."""
        with self._database.writing() as session:
            _change(session, agent_id, available=available)

    def bind_subject(self, agent_id: str, subject: str) -> None:
        """Bind the account to a subject of the identity provider; BadRecord when another account has it."""
        with self._database.writing() as session:
            _change(session, agent_id, subject=subject)

    # --- signing in

    def note_failure(self, agent_id: str, *, limit: int, lock_for: timedelta) -> bool:
        """Count a wrong password; lock the account at the `limit`-th in a row. Return whether it is locked.

        One statement, so that guesses made at once are all counted.
        """
        until = now() + lock_for
        with self._database.writing() as session:
            row = session.execute(
                update(AgentRow)
                .where(AgentRow.id == agent_id)
                .values(
                    failures=case((AgentRow.failures + 1 >= limit, 0), else_=AgentRow.failures + 1),
                    locked_until=case((AgentRow.failures + 1 >= limit, until), else_=AgentRow.locked_until),
                )
                .returning(AgentRow.locked_until)
            ).first()
        return row is not None and row[0] is not None and row[0] > now()

    def open_session(self, agent_id: str, token: str, expires_at: datetime) -> None:
        """Open a session for a token just made, and forget the failures before it."""
        at = now()
        with self._database.writing() as session:
            session.execute(delete(StaffSessionRow).where(StaffSessionRow.expires_at < at))
            _change(session, agent_id, failures=0, locked_until=None)
            insert_new(
                session,
                StaffSessionRow,
                token_sha256=_fingerprint(token),
                agent_id=agent_id,
                opened_at=at,
                expires_at=expires_at,
            )

    def of_session(self, token: str) -> Agent | None:
        """Return the account whose session this is; None once it ended, by whatever cause."""
        query = (
            select(AgentRow)
            .join(StaffSessionRow, StaffSessionRow.agent_id == AgentRow.id)
            .where(
                StaffSessionRow.token_sha256 == _fingerprint(token),
                StaffSessionRow.expires_at > now(),
                AgentRow.active.is_(True),
            )
        )
        with self._database.reading() as session:
            row = session.scalar(query)
            return read_entry(Agent, row) if row else None

    def end_session(self, token: str) -> None:
        """End one session; nothing happens when it ended before."""
        with self._database.writing() as session:
            session.execute(
                delete(StaffSessionRow).where(StaffSessionRow.token_sha256 == _fingerprint(token))
            )

    def end_sessions(self, agent_id: str) -> None:
        """End every session of an account."""
        with self._database.writing() as session:
            _end_sessions(session, agent_id)


def is_locked(agent: Agent, at: datetime) -> bool:
    """Tell whether repeated failures keep the account closed at this instant."""
    return agent.locked_until is not None and agent.locked_until > at


def normal_login(login: str) -> str:
    """Return the sign-in name as it is kept: without spaces around it, in lower case."""
    return login.strip().casefold()


def _change(session: Session, agent_id: str, **values: object) -> None:
    found = session.execute(
        update(AgentRow).where(AgentRow.id == agent_id).values(**values).returning(AgentRow.id)
    ).first()
    if found is None:
        raise UnknownRecord(f"no account {agent_id}")


def _end_sessions(session: Session, agent_id: str) -> None:
    session.execute(delete(StaffSessionRow).where(StaffSessionRow.agent_id == agent_id))


def _fingerprint(token: str) -> str:
    return sha256(token.encode()).hexdigest()
