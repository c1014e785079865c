/** How a text breaks into lines, and in which order its numbers are shown. */

import { make } from "./dom.js";

/** At least three groups of digits; a lone number is already shown right. */
const GROUPED_NUMBER = /(\+?\d+(?:[ \u00a0\u202f.-]\d+){2,})/;

/**
 * @param {string} text
 * @returns {string} The same, with no line that begins with a sign that French sets apart by a space, or ends with "«".
 */
export const unbroken = (text) => text.replace(/« | (?=[:;!?»])/g, (found) => found.replace(" ", "\u00a0"));

/**
 * A phone number written with spaces inside right-to-left text is shown with its groups reversed (04 65 71 becomes
 * 71 65 04): the Unicode bidirectional algorithm takes each group for a number of its own. It is isolated here.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function isolated(text) {
  return text.split(GROUPED_NUMBER).map((part, place) => (place % 2 ? make("bdi", { dir: "ltr" }, part) : part));
}

/**
 * @template {Node} T
 * @param {T} content
 * @param {string} direction
 * @returns {T} The content itself, its texts changed.
 */
export function typeset(content, direction) {
  const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
  const texts = /** @type {Text[]} */ ([]);
  while (walker.nextNode()) texts.push(/** @type {Text} */ (walker.currentNode));
  for (const text of texts) {
    if (direction === "rtl" && GROUPED_NUMBER.test(text.data)) text.replaceWith(...isolated(text.data));
    else text.data = unbroken(text.data);
  }
  return content;
}
