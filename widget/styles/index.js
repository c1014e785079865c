import { cards } from "./cards.js";
import { frame } from "./frame.js";
import { log } from "./log.js";

/**
 * A constructable style sheet: a page whose Content-Security-Policy refuses inline styles still shows the widget.
 *
 * @returns {CSSStyleSheet}
 */
export function styleSheet() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(frame + log + cards);
  return sheet;
}
