"""Hides personal identifiers in a message, before it is stored, logged or given to any other program.

What is hidden: social security numbers (NIR), bank accounts (IBAN), bank cards, e-mail addresses, telephones.
What stays: what a question is about (a postal code, a commune, an amount, a date, a file number) and what is
public (a SIREN, a short number, the addresses and telephones given in `keep`).
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

from stdnum import iban, luhn, numdb
from stdnum.fr import nir

from understanding.phones import find_phones, is_reference

_GAP = r"[ .\-/\u00a0\u202f]{0,2}"

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}"
    r"(?:@| ?(?:\(at\)|\[at\]|\(a\)|\(arobase\)|\barobase\b) ?)"
    r"[\w-]{1,63}(?:(?:\.| ?(?:\(dot\)|\[dot\]|\(point\)|\bpoint\b|\bdot\b) ?)[\w-]{1,63}){1,5}",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<!\w)([A-Z]{2})[ -]?(\d{2})((?:[ -]{0,2}[A-Z0-9]){11,30})", re.IGNORECASE)
_NIR = re.compile(
    # Sex, year, month, département (Corsica: 2A, 2B), commune, order; then the key, which may be missing.
    rf"(?<![\dA-Za-z+])[1-478]{_GAP}\d{_GAP}\d{_GAP}\d{_GAP}\d{_GAP}(?:\d{_GAP}\d|2{_GAP}[AB])"
    rf"(?:{_GAP}\d){{6}}(?:(?P<key>{_GAP}\d{_GAP}\d)(?![\dA-Za-z])|(?![\dA-Za-z]|[ .\-]\d))",
    re.IGNORECASE,
)
_NIR_CUTS = {1, 3, 5, 7, 10, 13}
"""After how many digits a NIR is cut when written by groups: sex, year, month, place (2), order, key."""

_CARD = re.compile(rf"(?<![\d+])[1-6](?:{_GAP}\d){{11,18}}(?!\d)")
_CARD_ISSUERS = re.compile(
    r"4|5[0-8]|2131|1800|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|30[0-5]|3095|3[689]|35|6(?:011|4[4-9]|5|0|2|3|7)"
)
_SIRET = re.compile(r"\d{3}[ \u00a0]?\d{3}[ \u00a0]?\d{3}[ \u00a0]?\d{5}")
_COMPANY = re.compile(r"sire[nt]\W{0,3}(?:n°|num[ée]ro|:|est|is)?\W{0,3}$", re.IGNORECASE)

_TAG = re.compile(r"\[(?:NIR|IBAN|CARD|EMAIL|PHONE)\]")
_CLAUSE = re.compile(r"[^.!?;,:\n،؟؛]*(?:[.!?;,:\n،؟؛]+|$)")
_WORDS_OF_A_REQUEST = 3


@dataclass(frozen=True)
class Masked:
    """A message without personal identifiers.

    Attributes:
        text: the message, each identifier replaced by a tag: [NIR], [IBAN], [CARD], [EMAIL], [PHONE].
        found: the kinds replaced, in the order of the text, one for each identifier.
    """

    text: str
    found: tuple[str, ...]

    @property
    def request(self) -> str:
        """What is asked: the text without the clauses that only give an identifier ("my number is [PHONE]").

        Left in, they would make any question look like one about how to reach us. When hardly anything else
        is said, the text without its tags.
        """
        if not self.found:
            return self.text
        kept = "".join(clause for clause in _CLAUSE.findall(self.text) if not _TAG.search(clause)).strip()
        if len(kept.split()) >= _WORDS_OF_A_REQUEST:
            return kept
        return " ".join(_TAG.sub(" ", self.text).split()) or self.text


def mask(text: str, *, region: str = "FR", keep: Collection[str] = ()) -> Masked:
    """Return the message with its personal identifiers replaced by tags.

    Args:
        text: the message.
        region: where a telephone without international prefix is from, as an ISO 3166 code.
        keep: telephones and e-mail addresses that are public (the directory's): they stay.
    """
    shadow = _with_ascii_digits(text)
    public = {_essence(value) for value in keep}
    taken: list[tuple[int, int, str]] = []
    covered = bytearray(len(text))
    for kind, start, end in _identifiers(shadow, region):
        if not any(covered[start:end]) and _essence(shadow[start:end]) not in public:
            taken.append((start, end, kind))
            covered[start:end] = b"\1" * (end - start)
    taken.sort()
    pieces, at = [], 0
    for start, end, kind in taken:
        pieces += [text[at:start], f"[{kind}]"]
        at = end
    return Masked("".join([*pieces, text[at:]]), tuple(kind for _, _, kind in taken))


def _identifiers(text: str, region: str) -> Iterator[tuple[str, int, int]]:
    """Yield kind, start and end of what may be an identifier, the surest kinds first."""
    for match in _EMAIL.finditer(text):
        yield "EMAIL", match.start(), match.end()
    for match in _IBAN.finditer(text):
        length = _iban_length(match)
        if length:
            yield "IBAN", match.start(), match.start() + length
    for match in _CARD.finditer(text):
        end = _card_end(text, match)
        if end and not nir.is_valid(text[match.start() : end]):
            yield "CARD", match.start(), end
    for match in _NIR.finditer(text):
        is_file = match["key"] is None and is_reference(text, match.start())
        if _is_nir(match.group()) and not is_file:
            yield "NIR", match.start(), match.end()
    for start, end in find_phones(text, region=region):
        yield "PHONE", start, end


def _is_nir(written: str) -> bool:
    """Return whether this is a NIR, or is written as one with a wrong key: a mistyped one is personal too."""
    compact = re.sub(r"[^0-9A-Za-z]", "", written).upper()
    if nir.is_valid(compact):
        return True
    month = int(compact[3:5])
    cuts = {len(re.sub(r"\W", "", written[: cut.start()])) for cut in re.finditer(r"\W+", written)}
    return cuts <= _NIR_CUTS and (1 <= month <= 12 or 20 <= month <= 42 or month >= 50)


def _iban_length(match: re.Match[str]) -> int:
    """Return how many characters of the match are an IBAN, or 0.

    A French one is known by its length alone, since a mistyped one is personal too; another by its check
    digits.
    """
    country, written = match.group(1).upper(), match.group()
    expected = _iban_characters().get(country, 0)
    places = [place for place, sign in enumerate(written) if sign.isalnum()]
    if not expected or len(places) < expected:
        return 0
    end = places[expected - 1] + 1
    if written[end : end + 1].isalnum():
        return 0
    digits = sum(sign.isdigit() for sign in written[:end])
    looks_french = country == "FR" and digits >= expected - 2 - 11  # the account number may hold letters
    return end if looks_french or iban.is_valid(written[:end], check_country=False) else 0


@cache
def _iban_characters() -> dict[str, int]:
    """Return how long an IBAN is in each country, as python-stdnum has it from the SWIFT registry."""
    lengths: dict[str, int] = {}
    for first in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            structure = numdb.get("iban").info(first + second)[0][1].get("bban")
            if structure:
                lengths[first + second] = 4 + sum(int(number) for number in re.findall(r"\d+", structure))
    return lengths


def _card_end(text: str, match: re.Match[str]) -> int:
    """Return where the longest bank card number of the match ends, or 0."""
    written = match.group()
    if _SIRET.fullmatch(written) and _COMPANY.search(text[max(0, match.start() - 20) : match.start()]):
        return 0
    places = [place for place, sign in enumerate(written) if sign.isdigit()]
    for count in range(len(places), 11, -1):
        end = places[count - 1] + 1
        digits = "".join(written[place] for place in places[:count])
        if written[end : end + 1].isdigit() or not _CARD_ISSUERS.match(digits):
            continue
        if luhn.is_valid(digits) and _has_length_of_a_card(digits):
            return match.start() + end
    return 0


def _has_length_of_a_card(digits: str) -> bool:
    if digits[0] == "4":
        return len(digits) in (13, 16, 19)
    if digits[:2] in ("34", "37") or digits[:4] in ("1800", "2131"):
        return len(digits) == 15
    if digits[:2] in ("30", "36", "38", "39"):
        return len(digits) == 14
    if len(digits) < 16:  # Maestro; 14 digits are rather a SIRET
        return len(digits) != 14 and digits[:2] in ("50", "56", "57", "58", "63", "67")
    return True


def _essence(written: str) -> str:
    """Return what two ways of writing a telephone or an e-mail address have in common."""
    if "@" in written:
        return written.casefold()
    digits = re.sub(r"\D", "", written.replace("(0)", ""))
    return re.sub(r"^(?:00)?33(?=\d{9}$)", "0", digits)


def _with_ascii_digits(text: str) -> str:
    """Return the text, of the same length, with the digits of every script (Arabic, full-width) in ASCII."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() and sign.isdecimal() else sign
        for sign in text
    )
