"""Passwords: argon2id by argon2-cffi, with the parameters it recommends (RFC 9106, low memory: 64 MiB)."""

from __future__ import annotations

import secrets
from functools import cache
from threading import Semaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST: Final = 12
LONGEST: Final = 128
# Each check takes 64 MiB: guesses sent all at once wait here rather than fill the memory.
_AT_ONCE: Final = Semaphore(2)
_HASHER: Final = PasswordHasher()


def hash_password(password: str) -> str:
    """An encoded argon2id hash, with its salt and parameters. Takes some tens of milliseconds."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an account that is unknown or has none (`None`)."""
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _nobody_s(), password)
        except (Argon2Error, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the library now recommends stronger parameters than those of this hash."""
    return _HASHER.check_needs_rehash(password_hash)


def fault_of(password: str, login: str) -> str | None:
    """Why a new password is refused, in French; None when it is fine.

    Length is what counts (ANSSI, NIST SP 800-63B): no rule on digits or signs.
    """
    if len(password) < SHORTEST:
        return f"Le mot de passe doit compter au moins {SHORTEST} caractères."
    if len(password) > LONGEST:
        return f"Le mot de passe doit compter au plus {LONGEST} caractères."
    if login and login in password.casefold():
        return "Le mot de passe ne doit pas contenir l’identifiant."
    if len(set(password)) < 5:
        return "Le mot de passe répète trop les mêmes caractères."
    return None


def new_password() -> str:
    """A random password to give once: five groups of four letters and digits that nobody confuses."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(5))


@cache
def _nobody_s() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))
