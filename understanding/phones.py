"""Telephone numbers in a message: whose they may be, as they are typed.

French numbers are known by their ten digits; foreign ones by what phonenumbers (Google's libphonenumber) says
of their country. Short and public numbers (15, 119, 3919, 36 46, 116 117) have too few digits to be a
person's.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

_GAP = r"[ .\-/_\u00a0\u202f]{0,3}"
_NATIONAL = re.compile(rf"(?<![\d+])(?<!\d[.,/\-])\(?0{_GAP}[1-9](?:\)?{_GAP}\d){{7,12}}(?![.,/\-]?\d)")
_INTERNATIONAL = re.compile(rf"(?<![\d+])(?:\+|00){_GAP}[1-9](?:[()]?{_GAP}[()]?\d){{6,14}}")
_BARE = re.compile(r"(?<![\d+,.])[1-9]\d{1,2}(?:[ \-]\d{2,4}){2,3}(?![\d,.])")
"""A foreign number without its first zero: digits by groups, as "612 34 56 78" or "912 345 678"."""

_DATE = re.compile(r"(?<!\d)\d{1,2}([ ./-])\d{1,2}\1(?:19|20)\d\d(?!\d)")
_REFERENCE = re.compile(
    r"(?:dossier|siren|siret|r[ée]f\w*|reference|cerfa|facture|contrat|allocataire|fiscal|article|loi|file|case|"
    r"invoice|n°|no\.?|#)\W{0,3}(?:(?:n°|num[ée]ro|number|est|is|:)\W{0,3}){0,3}$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\s{0,2}(?:€|euros?\b|eur\b|k€|£|\$|dollars?\b|%|m2\b|m²|km\b|habitants?\b|people\b|ans\b)",
    re.IGNORECASE,
)

_FRENCH_DIGITS = 10
_NEIGHBOURS = ("ES", "PT", "IT", "DE", "TR", "RO", "UA", "GB", "DZ", "MA", "TN", "BE", "CH")
"""Where our languages are spoken and residents have family: a number without prefix may be from there."""


def find_phones(text: str, *, region: str) -> Iterator[tuple[int, int]]:
    """Yield where telephone numbers are, start and end, in a text whose digits are ASCII."""
    for match in _INTERNATIONAL.finditer(text):
        length = _international_length(match.group())
        if length and not _UNIT.match(text, match.start() + length):
            yield match.start(), match.start() + length
    yield from _national(text, region)
    for match in _BARE.finditer(text):
        if _is_bare_phone(text, match):
            yield match.start(), match.end()


def _national(text: str, region: str) -> Iterator[tuple[int, int]]:
    match = _NATIONAL.search(text)
    while match:
        start = match.start()
        length = _national_length(match.group(), region, is_reference=is_reference(text, start))
        if length:
            yield start, start + length
        # A number may begin inside what was not one: after its first group of digits.
        step = length or next((place for place, sign in enumerate(match.group()) if sign == " "), 0)
        match = _NATIONAL.search(text, start + (step or len(match.group())))


def _international_length(written: str) -> int:
    """Return how many characters are a number in international form: the most that make a valid one, or 0."""
    ends = [place + 1 for place, sign in enumerate(written) if sign.isdigit()]
    for end in reversed(ends):
        number = _digits(written[:end])
        number = number.removeprefix("00")
        if number.startswith("33"):
            rest = number[2:].removeprefix("0")
            if len(rest) == _FRENCH_DIGITS - 1 and rest[0] != "0":
                return end
        elif len(number) > 6 and _is_valid("+" + number, None):
            return end
    return 0


def _national_length(written: str, region: str, *, is_reference: bool) -> int:
    """Return how many characters are a number that begins with 0, or 0."""
    ends = [place + 1 for place, sign in enumerate(written) if sign.isdigit()]
    if _DATE.match(written.lstrip("(")):
        return 0
    if len(ends) >= _FRENCH_DIGITS and _evenly_cut(written[: ends[_FRENCH_DIGITS - 1]]):
        end = ends[_FRENCH_DIGITS - 1]
        cuts = len(re.findall(r"\D+", written[:end]))
        if not written[end : end + 1].isdigit() and not (is_reference and cuts == 1):
            return end
    is_cut = any(not sign.isdigit() for sign in written)
    if is_cut and not is_reference and _evenly_cut(written):
        regions = (region, *_NEIGHBOURS)
        if any(_is_valid(_digits(written), other) for other in regions):
            return len(written)
    return 0


def _evenly_cut(written: str) -> bool:
    """Return whether the digits are cut as in a telephone number, and not as times or dates in a row."""
    cuts = [cut.strip() for cut in re.findall(r"\D+", written)]
    marks = {cut for cut in cuts if cut} - {"(", ")"}
    if not marks:
        return True
    return len(marks) == 1 and (len(cuts) == 1 or sum(cut in marks for cut in cuts) > 2)


def _is_bare_phone(text: str, match: re.Match[str]) -> bool:
    written = match.group()
    if _UNIT.match(text, match.end()) or is_reference(text, match.start()):
        return False
    digits = _digits(written)
    groups = [len(group) for group in re.split(r"[ \-]", written)]
    like_an_amount = groups[0] <= 3 and all(length == 3 for length in groups[1:])
    if len(digits) < 9 or (like_an_amount and (len(digits) != 9 or _luhn(digits))):
        return False  # an amount in thousands, or a SIREN, which is public
    return any(_is_valid(digits, region) for region in _NEIGHBOURS)


@lru_cache(maxsize=10_000)
def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def is_reference(text: str, place: int) -> bool:
    """Return whether what comes before this place announces the number of a file, a company or a law."""
    return _REFERENCE.search(_before(text, place)) is not None


def _before(text: str, place: int) -> str:
    return text[max(0, place - 30) : place]


def _digits(written: str) -> str:
    return "".join(sign for sign in written if sign.isdigit())


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
