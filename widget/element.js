/** The custom element: its attributes, its button on the page, and how its panel opens and closes. */

import { GATEWAY, Gateway } from "./api.js";
import { Conversation } from "./conversation.js";
import { icon, make } from "./dom.js";
import { Panel, SMALL_SCREEN } from "./panel.js";
import { Store } from "./store.js";
import { styleSheet } from "./styles/index.js";
import { LANGUAGES, languagesIn, loadTexts, pickLanguage } from "./texts/index.js";

/**
 * `<guichet-chat>`. Its content is what the page shows without JavaScript, and what the widget shows when the gateway
 * cannot be reached: the département's phone, hours and address. The attributes and events are listed in README.md.
 */
export class GuichetChat extends HTMLElement {
  static observedAttributes = ["heading", "language", "languages", "open", "position"];

  #store = new Store(GATEWAY);
  #panel = new Panel({
    start: () => void this.#conversation?.start().then(() => this.#panel.focus()),
    send: (text) => void this.#conversation?.send(text),
    human: () => void this.#conversation?.pick(this.#conversation.texts.humanMessage),
    language: (language) => void this.#conversation?.chooseLanguage(language),
    erase: () => this.#conversation?.askToErase(),
    close: () => this.close(),
  });
  #launcherText = make("span");
  #launcher = make("button", { type: "button", class: "launcher", "aria-haspopup": "dialog", onclick: () => this.#show(true) },
    icon("chat"), this.#launcherText);
  #smallScreen = matchMedia(SMALL_SCREEN);
  /** @type {Conversation | null} Null until the texts are there. */
  #conversation = null;
  /** @type {HTMLElement | null} Where the focus was before the panel opened. */
  #before = null;
  #mounting = false;

  connectedCallback() {
    if (!this.#mounting) void this.#mount();
  }

  /** Opens the panel. Called from a click or a key, it opens the conversation too; else it shows a start button. */
  show() {
    this.#show(navigator.userActivation?.isActive ?? false);
  }

  close() {
    if (this.#inline) return;
    this.#panel.root.close();
    this.#closed();
  }

  get open() {
    return this.hasAttribute("open");
  }

  set open(open) {
    this.toggleAttribute("open", open);
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} after
   */
  attributeChangedCallback(name, before, after) {
    if (!this.#conversation || before === after) return;
    if (name === "open") {
      if (after === null) this.close();
      else if (!this.#panel.root.open) this.show();
    } else if (name === "language") {
      void this.#conversation.useLanguage(pickLanguage(this.#wishes(), this.#conversation.offered));
    } else {
      this.#relabel();
      this.#place(this.open);
    }
  }

  async #mount() {
    this.#mounting = true;
    const kept = this.#store.read();
    const offered = languagesIn(this.getAttribute("languages"));
    const language = pickLanguage([kept?.language, ...this.#wishes()], offered);
    // Until the texts are there the content of the element stays in view: an opened shadow root would hide it.
    const texts = await loadTexts(language);
    this.#conversation = new Conversation({ gateway: new Gateway(GATEWAY), store: this.#store, panel: this.#panel,
      offered, language, texts, onLanguage: () => this.#relabel() });
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    root.append(this.#launcher, this.#panel.root);
    this.#panel.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) this.close();
    });
    this.#panel.root.addEventListener("close", () => this.#closed());
    this.#smallScreen.addEventListener("change", () => this.#place(this.open));
    this.#relabel();
    this.#wake(kept?.open ?? false);
  }

  /**
   * @param {boolean} wasOpen The panel was open before the page was loaded again. On a small screen, where it would
   *   hide the page that the resident has just asked for, it waits behind its button.
   */
  #wake(wasOpen) {
    const resume = wasOpen && !this.#smallScreen.matches;
    if (!this.open && !this.#inline && !resume) return;
    this.#place(true);
    this.open = true;
    void this.#conversation?.enter(false);
  }

  /** @param {boolean} byResident */
  #show(byResident) {
    const conversation = this.#conversation;
    if (!conversation) return;
    if (!this.#panel.root.open) {
      this.#before = /** @type {HTMLElement | null} */ (this.shadowRoot?.activeElement ?? document.activeElement);
      this.#place(true);
      this.open = true;
      this.#store.update({ open: true });
      this.dispatchEvent(new CustomEvent("guichet-open", { bubbles: true, composed: true }));
    }
    void conversation.enter(byResident);
    this.#panel.focus();
  }

  #closed() {
    // The dialog also closes for an instant when it changes between modal and not.
    if (this.#panel.root.open || !this.open || this.#inline) return;
    this.open = false;
    this.#launcher.hidden = false;
    this.#relabel();
    this.#store.update({ open: false });
    const before = this.#before?.isConnected && this.#before !== document.body && this.#before !== this ? this.#before : this.#launcher;
    before.focus();
    this.dispatchEvent(new CustomEvent("guichet-close", { bubbles: true, composed: true }));
  }

  get #inline() {
    return this.getAttribute("position") === "inline";
  }

  /**
   * Puts the panel where the page and the screen want it, without moving the focus.
   *
   * @param {boolean} open
   */
  #place(open) {
    const dialog = this.#panel.root;
    this.#launcher.hidden = open || this.#inline;
    if (!open && !this.#inline) return;
    const modal = this.#smallScreen.matches && !this.#inline;
    if (dialog.open && dialog.matches(":modal") === modal) return;
    const focused = /** @type {HTMLElement | null} */ (this.shadowRoot?.activeElement ?? null);
    if (dialog.open) dialog.close();
    if (modal) dialog.showModal();
    else dialog.setAttribute("open", "");
    if (focused && dialog.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** @returns {(string | null | undefined)[]} */
  #wishes() {
    return [this.getAttribute("language"), this.parentElement?.closest("[lang]")?.getAttribute("lang")];
  }

  #relabel() {
    const conversation = this.#conversation;
    if (!conversation) return;
    conversation.offered = languagesIn(this.getAttribute("languages"));
    const { texts, language, offered } = conversation;
    this.#launcherText.textContent = this.#store.read() ? texts.resume : texts.launcher;
    this.#launcher.lang = language;
    this.#launcher.dir = LANGUAGES[language]?.direction ?? "ltr";
    const heading = this.getAttribute("heading");
    const headingLanguage = pickLanguage(this.#wishes(), Object.keys(LANGUAGES));
    this.#panel.speak(texts, language, offered);
    this.#panel.entitle(heading ?? texts.title, heading ? headingLanguage : language);
  }
}
