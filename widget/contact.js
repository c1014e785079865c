/** What is shown when all else fails: the site's own contact, and the numbers that the widget carries itself. */

/** @import { Texts } from "./texts/index.js" */

import { icon, make } from "./dom.js";
import { EMERGENCY_NUMBERS } from "./emergency.js";

/**
 * @param {string} uri
 * @param {string | number} number
 */
export function numberLink(uri, number) {
  return make("a", { href: uri, class: "number" }, icon(uri.startsWith("sms:") ? "message" : "phone"), String(number));
}

/**
 * What the resident gets when the gateway is silent: the site's own contact (the content of the element, in its slot)
 * and the emergency numbers. There is one slot, so one such block at a time.
 *
 * @param {Texts} texts
 * @param {string} message
 * @param {boolean} withNumbers
 */
export function contactBlock(texts, message, withNumbers) {
  return make("div", { class: "contact" },
    message && make("p", {}, message),
    make("div", { role: "group", class: "card", "aria-label": texts.contact }, make("h3", {}, texts.contact), make("slot", { dir: document.dir || "ltr" })),
    withNumbers && make("div", { role: "group", class: "card urgent", "aria-label": texts.urgent, "data-unsaid": true },
      make("h3", {}, texts.urgent),
      make("p", { class: "quiet" }, texts.urgentText),
      make("ul", { class: "numbers" }, ...EMERGENCY_NUMBERS.map(({ number, uri }) =>
        make("li", {}, numberLink(uri, number), make("span", {}, texts.numbers[number]))))));
}
