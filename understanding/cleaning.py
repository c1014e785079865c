"""Puts a message in a plain shape: one form for each character, nothing invisible, one space at a time."""

import re
import unicodedata

_INVISIBLE = re.compile(
    "["
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"  # soft hyphen, joiners and fillers that show nothing
    "\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"  # zero-width spaces, invisible operators
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates: they make text read as another
    "\ufff9-\uffff"  # annotation marks, the replacement character and non-characters
    "\U000e0000-\U000e0fff"  # tags, invisible copies of ASCII
    "\ud800-\udfff"  # lone surrogates, which no encoding holds
    "]"
)
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_LINE_END = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Return the text in Unicode form NFC, without control, invisible or bidirectional override characters.

    Runs of spaces become one space, ends of line stay (two in a row at most), both ends are stripped. The
    marks that Arabic or Persian need (left-to-right and right-to-left marks, joiners) stay, as do emoji
    sequences.
    """
    text = _INVISIBLE.sub("", text)
    text = _CONTROL.sub("", _LINE_END.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    text = _AROUND_LINE_END.sub("\n", _SPACES.sub(" ", text))
    return _EMPTY_LINES.sub("\n\n", text).strip()
