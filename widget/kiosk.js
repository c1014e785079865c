/** A shared computer: the conversation of somebody who has gone must not wait for the next person. */

import { make } from "./dom.js";
import { addStyles } from "./styles/later.js";
import { fill, loadToolTexts } from "./texts/index.js";

/** Two minutes without use, the last half-minute with a warning (WCAG 2.2.1 asks for twenty seconds at least). */
const QUIET_MS = 120_000;
const WARNING_MS = 30_000;
const TICK_MS = 1000;
/** No scroll, no movement: the warning itself moves what is under a still mouse. */
const USES = ["pointerdown", "keydown", "input", "wheel", "touchmove"];

/**
 * @param {object} parts
 * @param {import("./panel.js").Panel} parts.panel
 * @param {() => boolean} parts.active Whether there is a conversation to clear, on a computer that is shared.
 * @param {() => string} parts.language
 * @param {() => void} parts.clear
 */
export function watchKiosk({ panel, active, language, clear }) {
  let used = performance.now();
  /** @type {{box: HTMLElement, left: HTMLElement, text: string, before: HTMLElement | null} | null} */
  let warning = null;
  let warned = false;

  const use = () => {
    used = performance.now();
    if (warned) unwarn();
  };
  for (const kind of USES) {
    panel.root.addEventListener(kind, (event) => {
      // The warning has its own button: taken away under the finger, it would send the press elsewhere.
      if (!warning?.box.contains(/** @type {Node} */ (event.target))) use();
    }, { capture: true, passive: true });
  }
  setInterval(() => {
    if (!active()) {
      if (warned) unwarn();
      used = performance.now();
      return;
    }
    const left = QUIET_MS - (performance.now() - used);
    if (left <= 0) {
      unwarn();
      clear();
      used = performance.now();
    } else if (left <= WARNING_MS) {
      if (!warned) void warn();
      if (warning) warning.left.textContent = fill(warning.text, { seconds: Math.ceil(left / 1000) });
    }
  }, TICK_MS);

  async function warn() {
    warned = true;
    const spoken = language();
    const texts = await loadToolTexts(spoken);
    if (!warned) return;
    addStyles(panel.root.getRootNode());
    const left = make("p", { id: "clearing" }, fill(texts.clearing, { seconds: WARNING_MS / 1000 }));
    const stay = make("button", { type: "button", class: "button filled", onclick: use }, texts.stay);
    const box = make("div", { class: "warning", role: "alertdialog", "aria-labelledby": "still-there", "aria-describedby": "clearing", lang: spoken },
      make("p", { id: "still-there", class: "strong" }, texts.stillThere), left, stay);
    const before = /** @type {HTMLElement | null} */ (/** @type {ShadowRoot} */ (panel.root.getRootNode()).activeElement);
    warning = { box, left, text: texts.clearing, before };
    panel.warn(box);
    stay.focus();
  }

  function unwarn() {
    const before = warning?.before;
    const focused = warning?.box.contains(/** @type {ShadowRoot} */ (panel.root.getRootNode()).activeElement);
    warned = false;
    warning = null;
    panel.warn(null);
    if (focused) (before?.isConnected ? before : panel).focus();
  }
}
