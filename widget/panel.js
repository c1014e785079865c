/** The frame of the widget: title, language, human, log, question. It knows nothing of conversations. */

/** @import { Texts } from "./texts/index.js" */

import { Announcer } from "./announcer.js";
import { icon, make } from "./dom.js";
import { LANGUAGES } from "./texts/index.js";

/** The panel fills the screen there; it is then modal, since nothing behind it can be seen. */
export const SMALL_SCREEN = "(max-width: 32em), (max-height: 32em)";

/** Below this height, in lines of its own text, the whole panel scrolls under its bar. */
const SHORT_EM = 32;

/** The sizes of the text, in percent of the page's own. */
export const TEXT_SIZES = [100, 125, 150, 200];

/**
 * @typedef {object} Actions What the resident can ask for.
 * @property {() => void} start
 * @property {(text: string) => void} send
 * @property {() => void} human
 * @property {(language: string) => void} language
 * @property {() => void} erase
 * @property {() => void} leave At once, for a neutral page.
 * @property {(place: HTMLElement) => Promise<void>} options Fills the place with what is rarely needed.
 * @property {() => void} close
 */

/** @typedef {{who: string, field: string}} ToPerson What the panel says while a person answers: who, and the name of the field. */

export class Panel {
  /** @type {((texts: Texts) => void)[]} */
  #labels = [];
  #heading = make("span");
  #title = make("h2", { id: "title", tabindex: -1 }, this.#heading);
  #languages = make("select", { id: "language" });
  #log = make("div", { class: "log", role: "log", "aria-live": "off", tabindex: 0 });
  #announcer = new Announcer();
  #startText = make("p");
  #startButton = make("button", { type: "button", class: "button filled" });
  #status = make("p", { class: "status", role: "status" });
  #question = make("textarea", { id: "question", rows: 1, maxlength: 2000, dir: "auto", "aria-describedby": "privacy", autocomplete: "off" });
  #label = make("label", { for: "question" });
  #send = make("button", { class: "send" }, icon("send"));
  #asked = make("div");
  #options = make("div", { id: "options", hidden: true });
  #warning = make("div");
  #started = false;
  #size = 0;
  /** @type {Texts | undefined} */
  #texts;
  #subtitle = make("p", { class: "subtitle" });
  /** @type {((language: string) => ToPerson) | null} */
  #toPerson = null;

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
    this.#optionsButton = this.#say(make("button", { type: "button", class: "text-button", "aria-expanded": "false", "aria-controls": "options",
      onclick: () => void this.#toggleOptions(actions.options) }), "options");
    this.#startBox = make("div", { class: "start", hidden: true }, this.#startText, this.#startButton);
    this.#composer = make("form", { class: "composer", hidden: true, onsubmit: (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this.#submit(actions.send);
    } },
      make("div", { class: "above" }, this.#label,
        make("div", { class: "rare" }, this.#optionsButton, this.#eraser)),
      this.#options,
      make("div", { class: "write" }, this.#question, this.#name(this.#send, "send")),
      this.#say(make("p", { id: "privacy", class: "quiet" }), "privacy"),
      this.#asked);
    this.root = make("dialog", { class: "panel", "aria-labelledby": "title" },
      make("div", { class: "head" }, make("div", {}, this.#title, this.#subtitle),
        this.#name(make("button", { type: "button", class: "close", onclick: actions.close }, icon("close")), "close")),
      make("div", { class: "bar" },
        this.#say(make("label", { for: "language", class: "unseen" }), "language"), this.#languages,
        make("button", { type: "button", class: "button human", onclick: actions.human }, icon("person"), this.#say(make("span"), "human")),
        this.#quit = make("button", { type: "button", class: "button quit", onclick: actions.leave }, icon("exit"), this.#say(make("span"), "exit"))),
      this.#name(this.#log, "log"),
      this.#status, this.#warning, this.#startBox, this.#composer, this.#announcer.root);
    this.#labels.push((texts) => {
      this.#sayWhoAnswers(texts);
      this.#startButton.textContent = texts.start;
      this.#quit.title = texts.exitHint;
    });
  }

  /** @param {AbortSignal} signal Until then the panel fits what is seen of the page. */
  follow(signal) {
    for (const place of [window, window.visualViewport]) {
      for (const change of ["resize", "scroll"]) place?.addEventListener(change, () => this.fit(), { passive: true, signal });
    }
  }

  #startBox;
  #composer;
  #quit;
  #eraser;
  #optionsButton;

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
   * The panel fits what is seen of the page: a phone's keyboard takes half of it.
   */
  fit() {
    const seen = window.visualViewport;
    if (seen && seen.scale === 1) {
      this.root.style.setProperty("--seen", `${seen.height}px`);
      this.root.style.setProperty("--seen-top", `${seen.offsetTop}px`);
    }
    const height = seen ? seen.height * seen.scale : innerHeight;
    this.root.toggleAttribute("data-short", height < SHORT_EM * parseFloat(getComputedStyle(this.root).fontSize));
  }

  /** @returns {number} A place in TEXT_SIZES. */
  get size() {
    return this.#size;
  }

  set size(size) {
    this.#size = Math.max(0, Math.min(TEXT_SIZES.length - 1, size));
    this.root.dataset.size = String(this.#size);
    this.fit();
  }

  /** @param {Actions["options"]} fillIn */
  async #toggleOptions(fillIn) {
    if (!this.#options.hidden) return this.foldOptions();
    try {
      await fillIn(this.#options);
      this.#options.hidden = false;
      this.#optionsButton.setAttribute("aria-expanded", "true");
      this.#options.scrollIntoView({ block: "nearest" });
    } catch {
      this.rest(this.#texts?.toolFailed, true);
    }
  }

  foldOptions() {
    this.#options.hidden = true;
    this.#options.replaceChildren();
    this.#optionsButton.setAttribute("aria-expanded", "false");
  }

  /** @param {((language: string) => ToPerson) | null} words While a person answers: an example of a question would mislead, and so would "an AI". */
  writeTo(words) {
    this.#toPerson = words;
    if (this.#texts) this.#sayWhoAnswers(this.#texts);
  }

  /** @param {Texts} texts */
  #sayWhoAnswers(texts) {
    const person = this.#toPerson?.(this.root.lang);
    this.#subtitle.textContent = person?.who ?? texts.subtitle;
    this.#label.textContent = person?.field ?? texts.question;
    this.#question.placeholder = person ? "" : texts.questionHint;
  }

  /** @param {Node | null} warning Shown above the question until it is taken away. */
  warn(warning) {
    this.#warning.replaceChildren(...(warning ? [warning] : []));
  }

  /**
   * @param {Texts} texts
   * @param {string} language
   * @param {string[]} offered
   */
  speak(texts, language, offered) {
    this.#texts = texts;
    if (this.root.lang !== language) this.foldOptions();
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

  /** @returns {string} */
  get heading() {
    return this.#heading.textContent ?? "";
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
    this.fit();
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

  /**
   * @param {HTMLElement} entry Announced, as it is.
   * @param {Node | null} [before] A message that still waits to be sent.
   */
  add(entry, before = null) {
    this.#log.insertBefore(entry, before);
    this.#announcer.say(entry);
  }

  /**
   * @param {Node[]} entries A history: shown, not announced.
   * @param {Node | null} [before]
   */
  restore(entries, before = null) {
    for (const entry of entries) this.#log.insertBefore(entry, before);
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  clear() {
    this.#log.replaceChildren();
    this.#announcer.clear();
  }

  /** Nothing of the resident stays on the screen, not even what was being written. */
  wipe() {
    this.clear();
    this.#question.value = "";
    this.#asked.replaceChildren();
    this.foldOptions();
    this.warn(null);
  }

  /** @param {HTMLElement} entry Brought to the top of what is seen, so that a long answer is read from its start. */
  reveal(entry) {
    const scroller = this.#scroller;
    if (scroller.scrollHeight <= scroller.clientHeight) entry.scrollIntoView({ block: "nearest" }); // The page scrolls, if anything.
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
   * @param {{label: string, action: () => unknown}[]} answers
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
