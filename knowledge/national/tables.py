"""Tables as Markdown, whose cells cannot be merged: a merged cell is repeated wherever it stood."""

from collections.abc import Sequence

from knowledge.national.xml_file import Node

Row = tuple[bool, Sequence[tuple[Node, str]]]  # whether it is a heading; each cell with its text


def table(rows: Sequence[Row]) -> list[str]:
    """Return the table as one block, none when it has no cells.

    The first row is the heading if it says so; otherwise the heading is empty, as Markdown requires one.
    Further heading rows are in bold.
    """
    grid = _grid(rows)
    width = max((len(line) for line in grid), default=0)
    if not width:
        return []
    lines = [line + [""] * (width - len(line)) for line in grid]
    if not rows[0][0]:
        lines.insert(0, [""] * width)
    written = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return ["\n".join([written[0], "|" + " --- |" * width, *written[1:]])]


def _grid(rows: Sequence[Row]) -> list[list[str]]:
    from_above: dict[tuple[int, int], str] = {}
    grid = []
    for number, (heading, cells) in enumerate(rows):
        line: list[str] = []
        for node, text in cells:
            _continue(line, number, from_above)
            shown = f"**{text}**" if heading and number and text and "**" not in text else text
            columns, lines = _span(node, "fusionHorizontale"), _span(node, "fusionVerticale")
            for _ in range(columns):
                from_above |= {(number + below, len(line)): text for below in range(1, lines)}
                line.append(shown)
        _continue(line, number, from_above)
        grid.append(line)
    return grid


def _continue(line: list[str], number: int, from_above: dict[tuple[int, int], str]) -> None:
    while (number, len(line)) in from_above:
        line.append(from_above[number, len(line)])


def _span(node: Node, attribute: str) -> int:
    value = node.get(attribute)
    return min(int(value), 50) if value.isdigit() and int(value) else 1
