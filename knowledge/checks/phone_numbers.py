"""Finds the telephone numbers of a text that we wrote, in whichever of the forms an article uses.

Ordinary numbers ("01 23 45 67 89", "0 800 …", "+33 1 …") are found by phonenumbers. Short ones look like any
number: those that begin with 3 ("39 19"), 116 or 118 are found wherever they stand, since little else looks
so; those of two to four digits only after a verb of calling, in the languages whose verbs are listed here.
"""

import re

import phonenumbers

_URL = re.compile(r"https?://\S+")
_GAP = "[ \u00a0\u202f]"
_UNIT = (
    rf"{_GAP}?(?:€|%|°|euros?\b|h\b|heures?\b|hours?\b|jours?\b|days?\b|mois\b|months?\b|ans\b|years?\b|fois\b|"
    r"times\b|minutes?\b|chiffres?\b|digits?\b|habitants?\b|people\b|personnes?\b|km\b|m²|m2\b|élèves?\b|pupils?\b|"
    r"janvier|février|mars\b|avril|mai\b|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"january|february|march\b|april|may\b|june|july|august|september|october|november|december)"
)
_END = rf"(?!\w|[./,-]\d|{_GAP}\d|{_UNIT})"
_REFERENCE = re.compile(
    r"(?:\b[LRDA]\.?|n°|\bno\.?|\barticles?|\bfiche|\bcerfa|\bloi|\bdécret)\s*$", re.IGNORECASE
)
_SHORT = re.compile(
    rf"(?<![\w.,/+-])(?<!\d{_GAP})(?:3\d{_GAP}?\d\d|11[68]{_GAP}?\d{{3}}){_END}", re.IGNORECASE
)
_CALLED_NUMBER = rf"\d\d(?:{_GAP}?\d\d|\d)?{_END}"
_CALLED = re.compile(
    r"(?:\b(?:appel|compos|téléphon)\w*|\bcall|\bdial|\bring|\btext|\bsms|\btél\.?)\W+"
    r"(?:(?:le|au|to|the|on|numéro|number|gratuitement|d'abord)\W+)*"
    rf"(?P<numbers>{_CALLED_NUMBER}"
    rf"(?:(?:,|\W+(?:ou|or|puis|et|and|then))\s+(?:(?:le|au|to)\s+)?\W{{0,2}}{_CALLED_NUMBER})*)",
    re.IGNORECASE,
)


def find_phones(text: str) -> tuple[str, ...]:
    """Return the telephone numbers of a text, as they are written there."""
    # Web addresses hold digits that nobody calls; blanks keep the places.
    plain = _URL.sub(lambda url: " " * len(url.group()), text)
    found: dict[int, str] = {}
    for match in phonenumbers.PhoneNumberMatcher(plain, "FR", phonenumbers.Leniency.POSSIBLE):
        written = match.raw_string.lstrip("(")
        if written[:1] in {"0", "+"}:
            found[match.start] = written
            # What is inside a long number is no short one.
            plain = plain[: match.start] + "-" * (match.end - match.start) + plain[match.end :]
    for short in _SHORT.finditer(plain):
        if not _REFERENCE.search(plain[: short.start()]):
            found[short.start()] = short.group()
    for called in _CALLED.finditer(plain):
        for each in re.finditer(_CALLED_NUMBER, called["numbers"], re.IGNORECASE):
            found[called.start("numbers") + each.start()] = each.group()
    return tuple(found[place] for place in sorted(found))


def phone_key(written: str) -> str:
    """Return the digits that are dialled in France: "+33 1 23…" and "01 23…" are one number."""
    digits = "".join(sign for sign in written.replace("(0)", "") if sign.isdigit())
    if written.lstrip().startswith("+33") or digits.startswith("0033"):
        return "0" + digits.removeprefix("00").removeprefix("33").removeprefix("0")
    return digits
