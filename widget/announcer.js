/** Says each message once to screen readers: plain text, set whole in a live region that was there. The README says why. */

import { make } from "./dom.js";

/** Then the text goes: nobody meets it twice. */
const KEPT_MS = 5000;

export class Announcer {
  // Each is empty again when its turn comes.
  #places = [1, 2, 3, 4].map(() => make("p", { "aria-live": "polite" }));
  root = make("div", { class: "unseen" }, ...this.#places);
  #next = 0;
  #text = "";

  /** @param {HTMLElement} entry As it is now: what comes into it later is not announced. */
  say(entry) {
    const begun = this.#text;
    this.#text = `${begun} ${words(entry)}`.trim();
    // What comes at the same time is one announcement: events that cross are read twice.
    if (begun) return;
    setTimeout(() => {
      const place = /** @type {HTMLElement} */ (this.#places[this.#next++ & 3]);
      const said = this.#text;
      this.#text = "";
      place.lang = entry.querySelector(".rich, .plain")?.getAttribute("lang") || entry.lang;
      place.textContent = said;
      setTimeout(() => { if (place.textContent === said) place.textContent = ""; }, KEPT_MS);
    });
  }

  clear() {
    this.#text = "";
    for (const place of this.#places) place.textContent = "";
  }
}

/**
 * @param {HTMLElement} entry
 * @returns {string} Its lines, each with a full stop: a voice pauses there.
 */
function words(entry) {
  const copy = /** @type {HTMLElement} */ (entry.cloneNode(true));
  copy.querySelector("slot")?.append(...entry.querySelector("slot")?.assignedNodes().map((node) => node.cloneNode(true)) ?? []);
  for (const part of copy.querySelectorAll("*")) {
    const gap = part.matches("p, li, h3, button, div, summary") ? "\n" : " ";
    if (part.matches("[aria-hidden], [hidden], [data-unsaid], details > :not(summary)")) part.remove();
    else if (gap === "\n" || part.className === "unseen") part.prepend(gap), part.append(gap);
  }
  return (copy.textContent ?? "").split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter(Boolean)
    .map((line) => /[.!?…:;,،؛؟]$/.test(line) ? line : `${line}.`).join(" ");
}
