/** The entries of the log: the disclosure, what the resident wrote, what was answered. Each is built whole, then added once. */

/** @import { CallbackRequest, Disclosure, Message, Receipt, Turn } from "./contract.js" */
/** @import { Texts } from "./texts/index.js" */

import { emergencyCard, prose, serviceCard, sourcesNote, suggestionList } from "./cards.js";
import { icon, make } from "./dom.js";
import { directionOf } from "./texts/index.js";

/**
 * What an entry needs to know of where it is shown.
 *
 * @typedef {object} Scene
 * @property {Texts} texts
 * @property {string} language Of the interface.
 * @property {(text: string) => void} onPick A suggestion was chosen.
 * @property {(request: CallbackRequest) => Promise<Receipt>} onCallback
 */

/**
 * @param {Disclosure} disclosure
 * @param {Scene} scene
 */
export function disclosureEntry(disclosure, { texts, language }) {
  // The mark at its end tells that the whole text has been on the screen.
  return make("div", { class: "entry disclosure", lang: language },
    icon("info"),
    make("div", {},
      make("span", { class: "unseen" }, `${texts.disclosure} `),
      make("p", { class: "plain", lang: disclosure.language, dir: directionOf(disclosure.language) }, disclosure.text),
      make("span", { class: "mark", "aria-hidden": "true" })));
}

/**
 * @param {string} text
 * @param {Scene} scene
 */
export function residentEntry(text, { texts, language }) {
  return make("div", { class: "entry resident", lang: language },
    make("span", { class: "unseen" }, `${texts.you} `),
    make("p", { class: "bubble plain", lang: "", dir: "auto" }, ...withMasks(text, texts, language)));
}

/**
 * Shows the gateway's tags for masked data (`[PHONE]`) as words.
 *
 * @param {string} text
 * @param {Texts} texts
 * @param {string} language
 */
function withMasks(text, texts, language) {
  const masked = /** @type {Record<string, string>} */ (texts.masked);
  return text.split(/\[([A-Z]+)\]/).map((part, place) => {
    if (place % 2 === 0) return part;
    return masked[part] ? make("span", { class: "masked", lang: language }, masked[part]) : `[${part}]`;
  });
}

/**
 * @param {Message} message
 * @param {Scene} scene
 */
function messageBody(message, { texts }) {
  const body = prose(message, texts);
  if (message.type !== "notice") return body;
  return make("div", { class: "notice" }, icon("info"), body);
}

/**
 * @param {Message[]} messages
 * @param {Scene} scene
 */
export function greetingEntry(messages, scene) {
  return make("div", { class: "entry assistant", lang: scene.language },
    make("span", { class: "unseen" }, `${scene.texts.assistant} `),
    ...messages.map((message) => messageBody(message, scene)));
}

/**
 * @param {string} text
 * @param {Scene} scene
 */
export function noticeEntry(text, { language }) {
  return make("div", { class: "entry notice", lang: language }, icon("info"), make("p", {}, text));
}

/**
 * A turn's answer: emergency first, then the messages, where they come from, whom to contact.
 *
 * @param {Turn} turn
 * @param {Scene} scene
 */
export function replyEntry(turn, scene) {
  const { texts, language } = scene;
  const asksForContact = turn.messages.some(({ type }) => type === "form");
  // An answered handoff offers a callback by its form alone: a child gets none. A part that is down sends no form.
  const broughtToPerson = turn.understanding?.kind === "handoff" && turn.status !== "answered";
  const callback = broughtToPerson || asksForContact ? callbackOpener(turn, scene) : null;
  const notes = turn.status === "relayed" && !turn.messages.length ? texts.relayed : "";
  return make("div", { class: "entry assistant", lang: language, "data-status": turn.status, "data-kind": turn.understanding?.kind },
    make("span", { class: "unseen" }, `${texts.assistant} `),
    turn.emergency && emergencyCard(turn.emergency, texts),
    ...turn.messages.map((message) => messageBody(message, scene)),
    notes && make("div", { class: "notice" }, icon("info"), make("p", {}, notes)),
    turn.sources.length > 0 && sourcesNote(turn.sources, language, texts),
    turn.service ? serviceCard(turn.service, turn.language, texts, callback) : callback);
}

/**
 * The suggestions are an entry of their own, taken away once the resident has gone on.
 *
 * @param {import("./contract.js").Suggestion[]} suggestions
 * @param {string} language
 * @param {Scene} scene
 */
export function suggestionsEntry(suggestions, language, scene) {
  return make("div", { class: "entry choices", lang: scene.language },
    suggestionList(suggestions, language, scene.texts, scene.onPick));
}

/**
 * @param {Turn} turn
 * @param {Scene} scene
 */
function callbackOpener(turn, scene) {
  const { texts } = scene;
  const understood = turn.understanding;
  const topic = understood?.about ?? (understood?.kind === "answer" ? understood.topic : null);
  // A form is no message: the live region must not read its fields aloud when it opens.
  const place = make("div", { class: "callback", "aria-live": "off" });
  const cancelled = () => {
    place.replaceChildren(opener);
    opener.focus();
  };
  const open = async () => {
    try {
      const { callbackForm } = await import("./forms.js");
      const form = callbackForm({ texts, topic, submit: scene.onCallback, cancelled });
      place.replaceChildren(form);
      form.querySelector("input")?.focus();
    } catch {
      place.replaceChildren(opener, make("p", { role: "alert", class: "error" }, texts.callbackFailed));
    }
  };
  const opener = make("button", { type: "button", class: "button", onclick: open }, icon("phone"), texts.callback);
  place.append(opener);
  return place;
}
