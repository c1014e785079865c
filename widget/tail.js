/** What stands at the end of the log and goes away once the conversation has gone on: suggestions, and whom to contact. */

/** @import { Suggestion } from "./contract.js" */
/** @import { Scene } from "./entries.js" */
/** @import { Panel } from "./panel.js" */

import { contactBlock } from "./contact.js";
import { make } from "./dom.js";
import { suggestionsEntry } from "./entries.js";

export class Tail {
  #panel;
  #scene;
  /** @type {HTMLElement | null} */
  #contact = null;
  /** @type {HTMLElement | null} */
  #choices = null;

  /**
   * @param {Panel} panel
   * @param {() => Scene} scene
   */
  constructor(panel, scene) {
    this.#panel = panel;
    this.#scene = scene;
  }

  /**
   * @param {Suggestion[]} suggestions
   * @param {string} language
   */
  suggest(suggestions, language) {
    this.hideChoices();
    this.#choices = suggestions.length ? suggestionsEntry(suggestions, language, this.#scene()) : null;
    if (this.#choices) this.#panel.add(this.#choices);
  }

  hideChoices() {
    this.#choices?.remove();
    this.#choices = null;
  }

  /**
   * @param {string} message
   * @param {boolean} withNumbers
   * @param {(() => void) | null} [again]
   */
  showContact(message, withNumbers, again = null) {
    this.hideContact();
    const { texts, language } = this.#scene();
    this.#contact = make("div", { class: "entry", lang: language }, contactBlock(texts, message, withNumbers),
      again && make("button", { type: "button", class: "button", onclick: again }, texts.retry));
    this.#panel.add(this.#contact);
    this.#panel.reveal(this.#contact);
  }

  get hasContact() {
    return this.#contact !== null;
  }

  hideContact() {
    this.#contact?.remove();
    this.#contact = null;
  }
}
