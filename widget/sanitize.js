/**
 * The gateway sanitises the HTML of its replies; it is sanitised again here, so that a mistake there is not a hole in
 * every website that shows the widget. DOMPurify is fetched while the first answer is awaited: the greeting is plain text.
 */

import { GATEWAY } from "./api.js";
import { icon, make } from "./dom.js";
import { fromGateway, leavesSite, safeLink } from "./links.js";
import { SHAPES } from "./shapes.js";

const RULES = {
  ALLOWED_TAGS: ["p", "br", "strong", "em", "b", "i", "ul", "ol", "li", "a", "h2", "h3", "h4", "blockquote", "abbr", "span",
    "table", "thead", "tbody", "tr", "th", "td"],
  ALLOWED_ATTR: ["href", "title", "lang", "dir", "scope", "start"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

/** @type {import("dompurify").DOMPurify | null} */
let purifier = null;

/** A reply is worth more than its layout: it does not wait longer than this for the purifier. */
const PATIENCE_MS = 4000;

/** Never rejects: without the purifier, replies are shown as plain text. */
export async function loadSanitizer() {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const fetched = import("./vendor/purify.js").then((module) => {
    purifier = /** @type {import("dompurify").DOMPurify} */ (/** @type {unknown} */ (module.default));
  }, () => undefined);
  await (purifier ?? Promise.race([fetched, late]));
}

/**
 * @param {string | null | undefined} html
 * @param {string} newWindow What a link that opens a new window says to a screen reader.
 * @returns {DocumentFragment | null} Null when it must be shown as plain text instead.
 */
export function richText(html, newWindow) {
  if (!html || !purifier) return null;
  const fragment = purified(purifier, html);
  if (!fragment) return null;
  for (const link of fragment.querySelectorAll("a")) dressLink(link, newWindow);
  return fragment;
}

/**
 * @param {import("dompurify").DOMPurify} by
 * @param {string} html
 * @returns {DocumentFragment | null} Null under a policy of Trusted Types that does not name `dompurify`.
 */
function purified(by, html) {
  try {
    return /** @type {DocumentFragment} */ (/** @type {unknown} */ (by.sanitize(html, RULES)));
  } catch {
    return null;
  }
}

/**
 * Marks a link that leaves the site, and takes away one that goes where no reply should.
 *
 * @param {HTMLAnchorElement} link
 * @param {string} newWindow
 */
export function dressLink(link, newWindow) {
  const address = fromGateway(link.getAttribute("href"), GATEWAY);
  const url = safeLink(address, location.href);
  if (!address || !url) {
    link.removeAttribute("href");
    return;
  }
  link.setAttribute("href", address);
  if (leavesSite(url, location.origin)) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.append(icon(SHAPES.away), make("span", { class: "unseen" }, ` (${newWindow})`));
  }
}
