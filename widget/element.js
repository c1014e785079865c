/** The custom element: its attributes, its button on the page, and how its panel opens and closes. */

import { GATEWAY, Gateway } from "./api.js";
import { Conversation } from "./conversation.js";
import { icon, make } from "./dom.js";
import { leave, watchExitKey } from "./exit.js";
import { Panel, SMALL_SCREEN } from "./panel.js";
import { Store } from "./store.js";
import { styleSheet } from "./styles/index.js";
import { LANGUAGES, languagesIn, loadTexts, pickLanguage } from "./texts/index.js";

/**
 * `<guichet-chat>`. Its content is what the page shows without JavaScript, and what the widget shows when the gateway
 * cannot be reached: the département's phone, hours and address. The attributes and events are listed in README.md.
 */
export class GuichetChat extends HTMLElement {
  static observedAttributes = ["exit-url", "heading", "kiosk", "language", "languages", "open", "position"];

  #store = new Store(GATEWAY);
  #panel = new Panel({
    start: () => void this.#conversation?.start().then(() => this.#panel.focus()),
    send: (text) => void this.#conversation?.send(text),
    human: () => void this.#conversation?.pick(this.#conversation.texts.humanMessage),
    language: (language) => void this.#conversation?.chooseLanguage(language),
    erase: () => this.#conversation?.askToErase(),
    leave: () => this.#leave(),
    options: (place) => this.#fillOptions(place),
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
  /** @type {GuichetChat | null} */
  static #resumed = null;
  #kioskWatched = false;

  /** Aborted when the element leaves the page: what happens there is no longer its business. */
  #away = new AbortController();
  #paused = false;

  connectedCallback() {
    if (this.#conversation) this.#arrive();
    else if (!this.#mounting) void this.#mount();
  }

  disconnectedCallback() {
    this.#away.abort();
    // Moved elsewhere on the page, it is already back; else what it shows is read again if it ever comes back.
    queueMicrotask(() => {
      if (this.isConnected || !this.#conversation) return;
      this.#paused = true;
      this.#conversation.pause();
    });
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
      void this.#watchKiosk();
    }
  }

  /** At once: the screen first, then the page. */
  #leave() {
    this.#conversation?.leave();
    leave(this.getAttribute("exit-url"));
  }

  /** @param {HTMLElement} place */
  async #fillOptions(place) {
    const conversation = this.#conversation;
    if (!conversation) return;
    const { fillOptions } = await import("./tools.js");
    await fillOptions(place, { conversation, panel: this.#panel, atKiosk: this.#atKiosk, onSize: (size) => this.#store.update({ size }) });
  }

  /** The network that comes back, the tab that wakes, the page that the back button shows again. */
  #watchConnection(/** @type {AbortSignal} */ signal) {
    const wake = () => {
      if (this.#panel.root.open && document.visibilityState === "visible") this.#conversation?.wake();
    };
    addEventListener("online", wake, { signal });
    addEventListener("pageshow", (event) => event.persisted && wake(), { signal });
    document.addEventListener("visibilitychange", wake, { signal });
  }

  /** The element is on the page, for the first time or again. */
  #arrive() {
    this.#away = new AbortController();
    const { signal } = this.#away;
    this.#panel.follow(signal);
    this.#smallScreen.addEventListener("change", () => this.#place(this.open), { signal });
    watchExitKey(() => this.#panel.root.open, () => this.#leave(), signal);
    this.#watchConnection(signal);
    if (this.#paused) this.#wake(false);
    this.#paused = false;
  }

  get #atKiosk() {
    return this.hasAttribute("kiosk");
  }

  async #watchKiosk() {
    if (!this.#atKiosk || this.#kioskWatched) return;
    this.#kioskWatched = true;
    const { watchKiosk } = await import("./kiosk.js");
    watchKiosk({
      panel: this.#panel,
      active: () => this.#atKiosk && this.#panel.root.open && (this.#conversation?.begun ?? false),
      language: () => this.#conversation?.language ?? "fr",
      clear: () => void this.#clear(),
    });
  }

  /** For the next person: nothing of the one before, not even the language or the size of the text. */
  async #clear() {
    const conversation = this.#conversation;
    if (!conversation) return;
    this.#panel.size = 0;
    await conversation.useLanguage(pickLanguage(this.#wishes(), conversation.offered));
    conversation.abandon();
    this.close();
  }

  async #mount() {
    this.#mounting = true;
    const kept = this.#store.read();
    const offered = languagesIn(this.getAttribute("languages"));
    const language = pickLanguage([kept?.language, ...this.#wishes()], offered);
    // Until the texts are there the content of the element stays in view: an opened shadow root would hide it.
    const texts = await loadTexts(language);
    this.#conversation = new Conversation({ gateway: new Gateway(GATEWAY), store: this.#store, panel: this.#panel,
      offered, language, texts, atKiosk: () => this.#atKiosk, onLanguage: () => this.#relabel() });
    this.#panel.size = kept?.size ?? 0;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    root.append(this.#launcher, this.#panel.root);
    this.#panel.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) this.close();
    });
    this.#panel.root.addEventListener("close", () => this.#closed());
    if (this.isConnected) this.#arrive();
    else this.#paused = true;
    void this.#watchKiosk();
    this.#relabel();
    this.#wake(kept?.open ?? false);
  }

  /**
   * @param {boolean} wasOpen The panel was open before the page was loaded again. On a small screen, where it would
   *   hide the page that the resident has just asked for, it waits behind its button.
   */
  #wake(wasOpen) {
    // Of several on one page, one goes on with the tab's conversation.
    const resume = wasOpen && !this.#smallScreen.matches && !GuichetChat.#resumed?.isConnected;
    if (!this.open && !this.#inline && !resume) return;
    if (resume) GuichetChat.#resumed = this;
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
