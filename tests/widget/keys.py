"""The keyboard as a resident's only means: each Tab is followed by a look at where the focus is."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.widget.conftest import Chat

# What has the focus, through shadow roots: its name, and what of it cannot be seen. A control that fits the
# what scrolls around it must be whole in the window and under nothing; of a higher one (the log), the middle,
# and the start where it is in the window.
FOCUSED = r"""() => {
    const deepest = (root, find) => {
        const found = find(root);
        return found?.shadowRoot && find(found.shadowRoot) ? deepest(found.shadowRoot, find) : found;
    };
    const node = deepest(document, (root) => root.activeElement);
    if (!node || node === document.body || node === document.documentElement) return {name: "", hidden: ""};
    const said = node.getAttribute("aria-label") ?? node.labels?.[0]?.textContent ?? node.textContent ?? "";
    const name = said.replace(/\s+/gu, " ").trim();
    const shown = node.closest("label") && node.matches("input") ? node.closest("label") : node;
    const box = shown.getBoundingClientRect();
    const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
    const [right, bottom] = [Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight)];
    const scrolls = (each) => !each || /auto|scroll/u.test(getComputedStyle(each).overflowY);
    const around = (each) => each.parentElement ?? each.getRootNode().host;
    let scroller = around(shown);
    while (!scrolls(scroller)) scroller = around(scroller);
    const room = Math.min(innerHeight - 80, scroller?.clientHeight ?? innerHeight);
    const fits = box.height <= room && box.width <= innerWidth;
    const place = [box.left, box.top, box.width, box.height].map(Math.round).join(" ");
    if (right - left < 8 || bottom - top < 8) return {name, hidden: `out of view at ${place}`};
    const cut = box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
    if (fits && cut) return {name, hidden: `cut at ${place}`};
    const under = ([x, y]) => {
        const found = deepest(document, (root) => root.elementFromPoint(x, y));
        const ours = found && (shown.contains(found) || found.contains(shown));
        return ours ? "" : `${found?.localName}.${found?.className} at ${Math.round(x)},${Math.round(y)}`;
    };
    const middle = (part) => [(part.left + part.right) / 2, (part.top + part.bottom) / 2];
    // A link that goes over two lines has a box for each.
    const lines = node.localName === "a" ? [...node.getClientRects()] : [];
    const [x, y] = middle({left, top, right, bottom});
    // A round corner is not the control: its edges are looked at halfway.
    const start = box.top < 0 ? [] : [[x, top + 3]];
    const edges = fits ? [...start, [x, bottom - 3], [left + 3, y], [right - 3, y]] : start;
    const points = lines.length > 1 ? lines.map(middle) : [[x, y], ...edges];
    const covered = points.map(under).find(Boolean);
    return {name, hidden: covered ? `under ${covered}, at ${place}` : ""};
}"""
# More stops than any state of the panel has: a journey longer than this goes round in a circle.
PATIENCE = 60


@dataclass
class Keys:
    """The keyboard; `path` holds the names of what had the focus, in order."""

    chat: Chat
    path: list[str] = field(default_factory=list)

    def look(self) -> str:
        """The name of what has the focus, which must be in view."""
        self.chat.page.wait_for_timeout(30)  # The browser scrolls to it in the next frame.
        seen = self.chat.page.evaluate(FOCUSED)
        self.path.append(seen["name"])
        assert seen["hidden"] == "", f"« {seen['name']} » is {seen['hidden']} after {self.path[-4:]}"
        return str(seen["name"])

    def press(self, key: str) -> str:
        """Presses a key; returns the name of what then has the focus."""
        self.chat.page.keyboard.press(key)
        return self.look()

    def reach(self, name: str, key: str = "Tab") -> None:
        """Presses Tab until something of that name has the focus."""
        start = len(self.path)
        for _ in range(PATIENCE):
            if self.press(key).startswith(name):
                return
        raise AssertionError(f"« {name} » is out of reach: {self.path[start:]}")

    def type(self, text: str) -> None:
        """Types into what has the focus."""
        self.chat.page.keyboard.type(text)
        self.look()
