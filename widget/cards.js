/** The blocks of a reply: its text, emergency numbers, a service, sources. Fetched with the first answer. */

/** @import { Emergency, Service, Source } from "./contract.js" */
/** @import { Texts } from "./texts/index.js" */

import { numberLink } from "./contact.js";
import { icon, make } from "./dom.js";
import { safeLink, telLink } from "./links.js";
import { dressLink, richText } from "./sanitize.js";
import { SHAPES } from "./shapes.js";
import { directionOf, fill } from "./texts/index.js";
import { typeset } from "./typography.js";

/**
 * What the gateway wrote, in its own language and direction.
 *
 * @param {{text: string, html?: string, lang: string, dir?: "ltr" | "rtl"}} said
 * @param {Texts} texts
 */
export function prose({ text, html, lang, dir = directionOf(lang) }, texts) {
  const rich = richText(html, texts.newWindow);
  return typeset(rich ? make("div", { class: "rich", lang, dir }, rich) : make("p", { class: "plain", lang, dir }, text), dir);
}

/**
 * @param {Emergency} emergency
 * @param {Texts} texts
 */
export function emergencyCard(emergency, texts) {
  const place = { lang: emergency.lang, dir: emergency.dir ?? directionOf(emergency.lang) };
  return make("div", { role: "group", class: "card emergency", "aria-label": texts.emergency, "data-emergency": emergency.id },
    prose(emergency, texts),
    make("ul", { class: "numbers", ...place }, ...emergency.numbers.map(({ number, uri, label, hours }) =>
      make("li", {}, safeLink(uri, location.href) && numberLink(uri, number),
        make("span", {}, make("span", {}, label), hours && make("small", {}, hours))))));
}

/**
 * @param {Service} service
 * @param {string} language
 * @param {Texts} texts
 * @param {HTMLElement | null} action What the card offers to do besides (the callback).
 */
export function serviceCard(service, language, texts, action) {
  const line = (/** @type {Parameters<typeof icon>[0]} */ drawing, /** @type {string} */ label, /** @type {Node | string} */ value) =>
    make("li", {}, icon(drawing), make("span", { class: "unseen" }, `${label} `), make("span", { class: "plain" }, make("bdi", {}, value)));
  const website = link(service.url, service.url?.replace(/^https?:\/\/|\/$/g, ""), texts);
  return make("div", { role: "group", class: "card service", "aria-label": texts.service, "data-service": service.id },
    make("h3", { lang: language, dir: directionOf(language) }, make("bdi", {}, service.name)),
    make("ul", { class: "lines", lang: language, dir: directionOf(language) },
      service.phone && line("phone", texts.phone, make("a", { href: telLink(service.phone), class: "strong", dir: "ltr" }, service.phone)),
      service.opening?.text && line("clock", texts.hours, make("span", { "data-open": service.opening.open_now }, service.opening.text)),
      service.address && line(SHAPES.place, texts.address, address(service.address, texts)),
      service.email && line(SHAPES.mail, texts.email, make("a", { href: `mailto:${service.email}` }, service.email)),
      website && line(SHAPES.away, texts.website, website)),
    action);
}

/**
 * @param {string} written
 * @param {Texts} texts
 */
function address(written, texts) {
  // A plain link to the common map: nothing is asked of it before the resident follows it.
  const map = `https://www.openstreetmap.org/search?query=${encodeURIComponent(written.replace(/\s+/g, " "))}`;
  return make("span", {}, written, "\n", link(map, texts.map, texts));
}

/**
 * @param {string | null} address
 * @param {string | undefined} text
 * @param {Texts} texts
 */
function link(address, text, texts) {
  if (!safeLink(address, location.href)) return null;
  const anchor = make("a", { href: address }, text ?? "");
  dressLink(anchor, texts.newWindow);
  return anchor;
}

/**
 * @param {Source[]} sources
 * @param {string} language Of the interface: dates and labels are written in it.
 * @param {Texts} texts
 */
export function sourcesNote(sources, language, texts) {
  const dates = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  const day = (/** @type {string} */ iso) => dates.format(new Date(iso));
  return make("details", { class: "sources" },
    make("summary", {}, fill(texts.sources, { count: sources.length })),
    make("ul", {}, ...sources.map((source) => make("li", { "data-article": source.article_id },
      make("p", { lang: source.lang, dir: directionOf(source.lang) }, link(source.url, source.title, texts) ?? make("strong", {}, source.title)),
      make("p", { class: "quiet" }, [
        fill(texts.written, { date: day(source.written) }),
        source.reviewed ? fill(texts.reviewed, { date: day(source.reviewed) }) : texts.notReviewed,
        source.machine_translated && texts.translated,
      ].filter(Boolean).join(", ")),
      source.excerpt && make("blockquote", { class: "plain", lang: source.lang, dir: directionOf(source.lang) }, source.excerpt)))));
}
