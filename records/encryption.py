"""Contact details at rest: Fernet (AES-128-CBC and HMAC-SHA256), with several keys for rotation.

The scheme: https://github.com/fernet/spec
"""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from records.errors import BadEncryptionKey


class Cipher:
    """Encrypts with the first key, decrypts with any.

    Args:
        keys: one Fernet key (32 bytes in URL-safe base64, padding optional), or several separated by commas.

    Raises:
        BadEncryptionKey: no key, or one that is malformed.
    """

    def __init__(self, keys: str) -> None:
        listed = [key.strip() for key in keys.split(",") if key.strip()]
        if not listed:
            raise BadEncryptionKey("GUICHET_ENCRYPTION_KEY is empty")
        try:
            self._fernet = MultiFernet([Fernet(_padded(key)) for key in listed])
        except ValueError:
            raise BadEncryptionKey("GUICHET_ENCRYPTION_KEY must hold 32 bytes in URL-safe base64") from None

    def encrypt(self, details: Mapping[str, str]) -> bytes:
        """Return the details encrypted."""
        return self._fernet.encrypt(json.dumps(dict(details), ensure_ascii=False).encode())

    def decrypt(self, encrypted: bytes) -> dict[str, str]:
        """Return the details in clear.

        Raises:
            BadEncryptionKey: none of the keys encrypted this, or it was altered.
        """
        try:
            details: dict[str, str] = json.loads(self._fernet.decrypt(encrypted))
        except InvalidToken:
            raise BadEncryptionKey("no key decrypts these contact details") from None
        return details

    def rotate(self, encrypted: bytes) -> bytes:
        """Return the same details encrypted by the first key.

        Raises:
            BadEncryptionKey: none of the keys encrypted this, or it was altered.
        """
        try:
            return self._fernet.rotate(encrypted)
        except InvalidToken:
            raise BadEncryptionKey("no key decrypts these contact details") from None


def _padded(key: str) -> str:
    return key + "=" * (-len(key) % 4)
