"""The secret code of a callback: shown once to the resident, derived from the key, kept only as a keyed hash.

The same callback always has the same code, so that a retry can show it again; nobody can find it from the
database alone, since both the code and its hash need the encryption key (HMAC-SHA256, RFC 2104).
"""

import hmac
import unicodedata
from hashlib import sha256

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0/O, 1/I/L, U/V: a reference is read on the phone."""

_LENGTH = 8


class Codes:
    """Makes and checks codes with the keys that encrypt contact details: the first makes, any checks.

    Args:
        keys: one key, or several separated by commas.
    """

    def __init__(self, keys: str) -> None:
        listed = [key.strip().rstrip("=") for key in keys.split(",") if key.strip()]
        # Keys of their own, so that what a code tells says nothing about what is encrypted.
        self._keys = [hmac.digest(key.encode(), b"guichet callback code", "sha256") for key in listed]

    def sealed(self, handoff_id: str) -> str:
        """Return the hash to keep of the code of this handoff."""
        return _seal(self._keys[0], handoff_id, _code(self._keys[0], handoff_id))

    def code(self, handoff_id: str, sealed: str) -> str | None:
        """Return the code of this handoff in clear, as "K7MF-3Q9D"; None when its key is gone."""
        for key in self._keys:
            code = _code(key, handoff_id)
            if hmac.compare_digest(_seal(key, handoff_id, code), sealed):
                return code
        return None

    def fits(self, handoff_id: str, sealed: str, typed: str) -> bool:
        """Return whether what the resident typed is the code."""
        code = as_written(typed)
        return any(hmac.compare_digest(_seal(key, handoff_id, code), sealed) for key in self._keys)


def letters(number: int) -> str:
    """Return eight letters and digits, "K7MF-3Q9D", that a number stands for."""
    found = ""
    for _ in range(_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        found += ALPHABET[rest]
    return f"{found[:4]}-{found[4:]}"


def as_written(typed: str) -> str:
    """Return a reference or a code as we write it, whatever case, spaces and digits it was typed with."""
    digits = (str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", typed))
    plain = "".join(sign for sign in "".join(digits).upper() if sign.isascii() and sign.isalnum())
    return f"{plain[:4]}-{plain[4:]}"


def _code(key: bytes, handoff_id: str) -> str:
    return letters(int.from_bytes(hmac.digest(key, f"code\n{handoff_id}".encode(), "sha256")))


def _seal(key: bytes, handoff_id: str, code: str) -> str:
    return hmac.new(key, f"seal\n{handoff_id}\n{code}".encode(), sha256).hexdigest()
