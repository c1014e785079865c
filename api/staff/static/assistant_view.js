// How extracts, answers and emergencies are drawn. Their HTML was made by the gateway from a closed list of tags.
// @ts-check

/**
 * @typedef {{article_id: string, title: string, section: string | null, section_title: string | null, html: string,
 *   lang: string, dir: string, owner: string, url: string | null, written: string, reviewed: string | null,
 *   staff_only: boolean}} Extract
 * @typedef {{type: string, html: string, lang: string, dir: string}} Message
 * @typedef {{name: string, phone: string | null, email: string | null, address: string | null,
 *   opening: {text: string}}} Service
 * @typedef {{lang: string, dir: string, title: string, messages: Message[], service: Service | null, source: string,
 *   text: string}} Side
 * @typedef {{numbers: {number: string, uri: string, label: string, hours: string}[], html: string, lang: string, dir: string}} Emergency
 * @typedef {{french: Side, resident: Side | null, staff_only: boolean}} StaffAnswer
 */

const DATES = new Intl.DateTimeFormat("fr-FR", {dateStyle: "long", timeZone: "Europe/Paris"});

/**
 * @param {string} name @param {Record<string, string>} attributes @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** @param {Extract} extract @returns {HTMLElement} */
export function extractItem(extract) {
  const item = element("li", extract.staff_only ? {class: "staff-only"} : {});
  const title = element("button", {type: "button", class: "title", "aria-pressed": "false"}, extract.title);
  item.append(element("h3", {}, title));
  if (extract.staff_only) item.append(element("p", {class: "badge"}, "Réservé aux agents"));
  if (extract.section_title) item.append(element("p", {class: "section"}, extract.section_title));
  item.append(rich(extract, "excerpt"));
  const read = extract.reviewed ? `relu le ${day(extract.reviewed)}` : "pas encore relu";
  const source = element("p", {class: "source"}, `${extract.owner}. Écrit le ${day(extract.written)}, ${read}. `);
  if (extract.url) {
    source.append(element("a", {href: extract.url, rel: "noopener noreferrer", target: "_blank"}, `Source : ${new URL(extract.url).host}`));
  }
  item.append(source);
  return item;
}

/** @param {HTMLElement} place @param {Side | null} side */
export function fillSide(place, side) {
  if (!side) return;
  place.lang = side.lang;
  place.dir = side.dir;
  const shown = side.messages.map((each) => rich(each, each.type));
  place.replaceChildren(element("h3", {class: "side-title"}, side.title), ...shown);
  if (side.service) {
    const {name, phone, email, address, opening} = side.service;
    // Names and hours run as the answer does; a phone or an address reads from left to right inside it.
    const latin = [phone, email, address].filter(Boolean).map((line) => element("bdi", {dir: "ltr"}, String(line)));
    const lines = [name, ...latin, opening.text].map((line) => element("span", {}, line));
    place.append(element("address", {}, ...lines));
  }
  place.append(element("p", {class: "source", lang: "fr", dir: "ltr"}, side.source));
}

/**
 * @param {HTMLElement} place
 * @param {Emergency | null} block
 * @param {Emergency | null} theirs in the resident's language; null when that is French
 */
export function fillEmergency(place, block, theirs) {
  place.hidden = !block;
  const sides = [block, theirs].filter((each) => each !== null);
  place.replaceChildren(
    element("p", {class: "emergency-title"}, "Danger possible : d’abord ces numéros"),
    element("div", {class: theirs ? "emergency-sides twice" : "emergency-sides"}, ...sides.map(emergencySide)));
}

/** @param {Emergency} block */
function emergencySide(block) {
  const numbers = block.numbers.map((each) => element(
    "li", {}, element("a", {href: each.uri, dir: "ltr"}, each.number), ` ${each.label} (${each.hours})`));
  return element("div", {lang: block.lang, dir: block.dir}, element("ul", {}, ...numbers), rich(block, "text"));
}

/** @param {{html: string, lang: string, dir: string}} said @param {string} name */
function rich(said, name) {
  const made = element("div", {class: `rich ${name}`, lang: said.lang, dir: said.dir});
  made.innerHTML = said.html;
  return made;
}

/** @param {string} date */
function day(date) {
  return DATES.format(new Date(`${date}T12:00:00Z`));
}
