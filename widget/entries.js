/** The entries of the log until the first answer: disclosure, greeting, suggestions, what the resident wrote. Each is built whole, then added once. */

/** @import { Callback, CallbackKey, CallbackOptions, CallbackRequest, Disclosure, Message, Receipt, Suggestion } from "./contract.js" */
/** @import { Texts } from "./texts/index.js" */

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
 * @property {readonly string[]} rated Turns that the resident has already judged.
 * @property {(opinion: import("./requests.js").Opinion) => Promise<void>} onRate
 * @property {(text: string) => void} say Announces what the log does not.
 * @property {CallbackKey | null} callback The one that was asked for in this conversation.
 * @property {(wanted: {topic: string | null, service_id?: string}) => Promise<CallbackOptions>} onOptions
 * @property {(action: "status" | "cancel", key: CallbackKey) => Promise<Callback>} onFollow
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
 * @param {HTMLElement} body
 */
export function framed({ type }, body) {
  return type === "notice" ? make("div", { class: "notice" }, icon("info"), body) : body;
}

/**
 * @param {Message[]} messages
 * @param {Scene} scene
 */
export function greetingEntry(messages, scene) {
  return make("div", { class: "entry assistant", lang: scene.language },
    make("span", { class: "unseen" }, `${scene.texts.assistant} `),
    ...messages.map((message) => framed(message, make("p", { class: "plain", lang: message.lang, dir: message.dir ?? directionOf(message.lang) }, message.text))));
}

/**
 * @param {string} text
 * @param {Scene} scene
 */
export function noticeEntry(text, { language }) {
  return make("div", { class: "entry notice", lang: language }, icon("info"), make("p", {}, text));
}

/**
 * The suggestions are an entry of their own, taken away once the resident has gone on.
 *
 * @param {Suggestion[]} suggestions
 * @param {string} language
 * @param {Scene} scene
 */
export function suggestionsEntry(suggestions, language, { texts, language: spoken, onPick }) {
  return make("div", { class: "entry choices", lang: spoken },
    make("ul", { class: "suggestions", "aria-label": texts.suggestions, lang: language, dir: directionOf(language) },
      ...suggestions.map(({ label, text }) => make("li", {}, make("button", { type: "button", dir: "auto", onclick: () => onPick(text) }, label)))));
}
