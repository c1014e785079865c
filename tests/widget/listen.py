"""Tells what assistive technologies are told of live regions, one JSON object a line.

Run by the system's own Python, which has Debian's python3-pyatspi, on the bus of a session. As a screen
reader does, it asks the browser for the politeness and the text once the event has reached it. Of an event in
a region that is not silent it tells `kind` (`child`: an element was added; `text`: characters were), `live`
(the politeness), `role`, `node` and `language` of the element, `text`.

What Orca leaves out is left out: the text that only stands for a child element and the child that is only the
characters of its parent, which come with an event that tells something, and what has no text (a drawing).
"""

import json
from typing import Any

import pyatspi

EMBEDDED = "\ufffc"  # Stands for a child element in the text of its parent.


def attributes(node: Any) -> dict[str, str]:
    """What the browser says of an element: `container-live` is the politeness of its region."""
    return dict(pair.split(":", 1) for pair in node.getAttributes())


def whole_text(node: Any) -> str:
    """The text of an element, with that of its children in their places."""
    try:
        text = node.queryText().getText(0, -1)
    except NotImplementedError:
        return str(node.name)
    children = iter(node)
    return "".join(whole_text(next(children)) if character == EMBEDDED else character for character in text)


def language_of(node: Any) -> str | None:
    """The language that the browser gives for the text of an element."""
    for run in (node.queryText().getAttributeRun(0)[0], node.queryText().getDefaultAttributes()):
        pairs = run.split(";") if isinstance(run, str) else run
        for name, _, value in (pair.strip().partition(":") for pair in pairs):
            if name == "language":
                return str(value)
    return None


def heard(event: Any) -> dict[str, Any] | None:
    """What the event tells a screen reader; None when it is of no live region."""
    live = attributes(event.source).get("container-live", "off")
    if live == "off":
        return None
    if event.type.startswith("object:children-changed"):
        node = event.any_data
        if node.getRole() == pyatspi.ROLE_STATIC:
            return None
        kind, text = "child", whole_text(node)
    else:
        node = event.source
        if not event.any_data.replace(EMBEDDED, ""):
            return None
        kind, text = "text", event.any_data
    if not text.strip():
        return None
    return {
        "kind": kind,
        "live": live,
        "role": node.getRoleName(),
        "node": hash(node),
        "language": language_of(node),
        "text": text.replace(EMBEDDED, ""),
    }


def tell(event: Any) -> None:
    """Print what the event tells, if it tells anything."""
    try:
        said = heard(event)
    except Exception as error:  # noqa: BLE001 - gone already: a screen reader could not read it either
        said = {"kind": "lost", "why": str(error)}
    if said:
        print(json.dumps(said, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    for name in ("object:children-changed:add", "object:text-changed:insert"):
        pyatspi.Registry.registerEventListener(tell, name)
    print(json.dumps({"kind": "ready"}), flush=True)
    pyatspi.Registry.start()
