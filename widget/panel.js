/** The frame of the widget: title, language, human, log, question. It knows nothing of conversations. */

/** @import { Texts } from "./texts/index.js" */

import { icon, make } from "./dom.js";
import { LANGUAGES } from "./texts/index.js";

/** The panel fills the screen there; it is then modal, since nothing behind it can be seen. */
export const SMALL_SCREEN = "(max-width: 32em), (max-height: 32em)";

/** Time for assistive technologies to take in a restored history without reading it aloud. */
const SETTLING_MS = 1000;

/**
 * @typedef {object} Actions What the resident can ask for.
 * @property {() => void} start
 * @property {(text: string) => void} send
 * @property {() => void} human
 * @property {(language: string) => void} language
 * @property {() => void} erase
 * @property {() => void} close
 */

export class Panel {
  /** @type {((texts: Texts) => void)[]} */
  #labels = [];
  #heading = make("span");
  #title = make("h2", { id: "title", tabindex: -1 }, this.#heading);
  #languages = make("select", { id: "language" });
  #log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", tabindex: 0 });
  #startText = make("p");
  #startButton = make("button", { type: "button", class: "button filled" });
  #status = make("p", { class: "status", role: "status" });
  #question = make("textarea", { id: "question", rows: 1, maxlength: 2000, dir: "auto", "aria-describedby": "privacy", autocomplete: "off" });
  #send = make("button", { class: "send" }, icon("send"));
  #asked = make("div");
  #started = false;

  /** @param {Actions} actions */
  constructor(actions) {
    this.#languages.addEventListener("change", () => actions.language(this.#languages.value));
    this.#startButton.addEventListener("click", actions.start);
    this.#question.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#composer.requestSubmit();
    });
    this.#eraser = this.#say(make("button", { type: "button", class: "text-button", onclick: actions.erase }), "erase");
    this.#startBox = make("div", { class: "start", hidden: true }, this.#startText, this.#startButton);
    this.#composer = make("form", { class: "composer", hidden: true, onsubmit: (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this.#submit(actions.send);
    } },
      make("div", { class: "above" }, this.#say(make("label", { for: "question" }), "question"), this.#eraser),
      make("div", { class: "write" }, this.#question, this.#name(this.#send, "send")),
      this.#say(make("p", { id: "privacy", class: "quiet" }), "privacy"),
      this.#asked);
    this.root = make("dialog", { class: "panel", "aria-labelledby": "title" },
      make("div", { class: "head" }, make("div", {}, this.#title, this.#say(make("p", { class: "subtitle" }), "subtitle")),
        this.#name(make("button", { type: "button", class: "close", onclick: actions.close }, icon("close")), "close")),
      make("div", { class: "bar" },
        this.#say(make("label", { for: "language", class: "unseen" }), "language"), this.#languages,
        make("button", { type: "button", class: "button human", onclick: actions.human }, icon("person"), this.#say(make("span"), "human"))),
      this.#name(this.#log, "log"),
      this.#status, this.#startBox, this.#composer);
    this.#labels.push((texts) => {
      this.#question.placeholder = texts.questionHint;
      this.#startButton.textContent = texts.start;
    });
  }

  #startBox;
  #composer;
  #eraser;

  /**
   * @template {HTMLElement} T
   * @param {T} node Its text follows the language of the interface.
   * @param {{[K in keyof Texts]: Texts[K] extends string ? K : never}[keyof Texts]} key
   */
  #say(node, key) {
    this.#labels.push((texts) => { node.textContent = texts[key]; });
    return node;
  }

  /**
   * @template {HTMLElement} T
   * @param {T} node Its accessible name follows the language of the interface.
   * @param {{[K in keyof Texts]: Texts[K] extends string ? K : never}[keyof Texts]} key
   */
  #name(node, key) {
    this.#labels.push((texts) => {
      node.setAttribute("aria-label", texts[key]);
      if (node.localName === "button") node.title = texts[key];
    });
    return node;
  }

  /**
   * @param {Texts} texts
   * @param {string} language
   * @param {string[]} offered
   */
  speak(texts, language, offered) {
    this.root.lang = language;
    this.root.dir = LANGUAGES[language]?.direction ?? "ltr";
    for (const label of this.#labels) label(texts);
    this.#languages.replaceChildren(...offered.map((code) =>
      make("option", { value: code, lang: code, selected: code === language }, LANGUAGES[code]?.name ?? code)));
    this.#languages.hidden = offered.length < 2;
  }

  /**
   * @param {string} heading
   * @param {string} language In which the heading is written.
   */
  entitle(heading, language) {
    this.#heading.textContent = heading;
    this.#heading.lang = language;
  }

  /** @param {string} text Before the conversation: why one would start it. */
  invite(text) {
    this.#started = false;
    this.#startText.textContent = text;
    this.#startBox.hidden = false;
    this.#composer.hidden = true;
  }

  /** The conversation has begun: questions can be written. */
  begin() {
    this.#started = true;
    this.#startBox.hidden = true;
    this.#composer.hidden = false;
  }

  focus() {
    // The question is the natural place, unless it would bring up a keyboard over the text, or is not in view.
    const away = matchMedia("(pointer: coarse)").matches || this.#scroller === this.root;
    if (!this.#started) this.#startButton.focus();
    else if (away) this.#title.focus();
    else this.#question.focus({ preventScroll: true });
  }

  /** After a suggestion or the human button: the focus must not be lost with a button that goes away. */
  focusLog() {
    this.#log.focus({ preventScroll: true });
  }

  /** @param {Node} entry Added once, whole; assistive technologies announce it. */
  add(entry) {
    this.#log.append(entry);
  }

  /** @param {Node[]} entries A history: shown, not announced. */
  restore(entries) {
    this.#log.setAttribute("aria-live", "off");
    this.#log.append(...entries);
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    setTimeout(() => this.#log.setAttribute("aria-live", "polite"), SETTLING_MS);
  }

  clear() {
    this.#log.replaceChildren();
  }

  /** @param {HTMLElement} entry Brought to the top of what is seen, so that a long answer is read from its start. */
  reveal(entry) {
    const scroller = this.#scroller;
    const bar = scroller === this.#log ? 0 : this.root.querySelector(".bar")?.clientHeight ?? 0;
    const top = scroller.scrollTop + entry.getBoundingClientRect().top - scroller.getBoundingClientRect().top - bar - 12;
    scroller.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
  }

  /** On a short screen the whole panel scrolls, else the log. */
  get #scroller() {
    return getComputedStyle(this.root).overflowY === "auto" ? this.root : this.#log;
  }

  /** @param {string} text What is being waited for. */
  wait(text) {
    this.#status.textContent = text;
    this.#status.className = "status waiting";
    this.#send.setAttribute("aria-disabled", "true");
  }

  /**
   * @param {string} [text] What is now the case: announced to those who do not see the log change.
   * @param {boolean} [shown] Nothing else on the screen says it.
   */
  rest(text = "", shown = false) {
    this.#status.textContent = text;
    this.#status.className = shown ? "status" : "unseen";
    this.#send.removeAttribute("aria-disabled");
  }

  /**
   * @param {string} question
   * @param {{label: string, action: () => void}[]} answers
   * @param {string} cancel
   */
  confirm(question, answers, cancel) {
    const close = () => {
      this.#asked.replaceChildren();
      this.#eraser.focus();
    };
    const buttons = answers.map(({ label, action }) => make("button", { type: "button", class: "button", onclick: () => {
      close();
      action();
    } }, label));
    this.#asked.replaceChildren(make("div", { class: "confirm", role: "group", "aria-labelledby": "confirm" },
      make("p", { id: "confirm" }, question),
      make("div", { class: "buttons" }, ...buttons, make("button", { type: "button", class: "button", onclick: close }, cancel))));
    buttons[0]?.focus();
  }

  /** @param {(text: string) => void} send */
  #submit(send) {
    const text = this.#question.value.trim();
    if (!text || this.#send.getAttribute("aria-disabled")) return;
    this.#question.value = "";
    send(text);
  }
}
