/** One conversation: opened by the resident, kept by the tab, continued by messages, erased on demand. */

/** @import { Session } from "./api.js" */
/** @import { CallbackRequest, Disclosure, Receipt, Suggestion, Transcript, Turn } from "./contract.js" */
/** @import { Scene } from "./entries.js" */
/** @import { Panel } from "./panel.js" */
/** @import { Store } from "./store.js" */
/** @import { Texts } from "./texts/index.js" */

import { GatewayError } from "./api.js";
import { contactBlock } from "./cards.js";
import { DisclosureWatch } from "./disclosures.js";
import { icon, make } from "./dom.js";
import * as entries from "./entries.js";
import { newId } from "./ids.js";
import { loadSanitizer } from "./sanitize.js";
import { loadTexts } from "./texts/index.js";

/**
 * @typedef {object} Parts
 * @property {import("./api.js").Gateway} gateway
 * @property {Store} store
 * @property {Panel} panel
 * @property {string[]} offered The languages of the interface.
 * @property {string} language
 * @property {Texts} texts
 * @property {() => void} onLanguage The language of the interface has changed.
 */

export class Conversation {
  #gateway;
  #store;
  #panel;
  #onLanguage;
  /** @type {Session | null} */
  #session = null;
  /** The resident chose the language: it is sent with the messages. */
  #chosen = false;
  #turns = 0;
  /** @type {Promise<unknown> | null} What is under way: one thing at a time. */
  #current = null;
  /** @type {HTMLElement | null} */
  #contact = null;
  /** @type {HTMLElement | null} */
  #choices = null;
  #disclosures;

  /** @param {Parts} parts */
  constructor({ gateway, store, panel, offered, language, texts, onLanguage }) {
    this.#gateway = gateway;
    this.#store = store;
    this.#panel = panel;
    this.#onLanguage = onLanguage;
    this.offered = offered;
    this.language = language;
    this.texts = texts;
    this.#chosen = store.read()?.chosen ?? false;
    this.#disclosures = new DisclosureWatch(gateway, store, () => this.#session);
  }

  /** @returns {Scene} */
  get #scene() {
    return { texts: this.texts, language: this.language, onPick: (text) => this.pick(text), onCallback: (request) => this.#callback(request) };
  }

  /**
   * The panel is shown: go on with the tab's conversation, or begin one if that is what the resident has just asked for.
   *
   * @param {boolean} byResident
   */
  async enter(byResident) {
    if (this.#session || this.#current) return;
    const kept = this.#store.read();
    if (kept || byResident) this.#panel.begin();
    if (kept && (await this.#once(() => this.#restore(kept)))) return;
    if (byResident) await this.start();
    else if (!this.#session) this.#panel.invite(this.texts.startText);
  }

  /** @returns {Promise<boolean>} Whether there is a conversation. */
  start() {
    return this.#once(() => this.#begin());
  }

  /** @param {string} text Written by the resident. */
  async send(text) {
    const entry = entries.residentEntry(text, this.#scene);
    this.#choices?.remove();
    this.#panel.add(entry);
    this.#panel.reveal(entry);
    await this.#once(() => this.#deliver({ text, client_message_id: newId() }, entry));
  }

  /** @param {string} text Of a suggestion, or the wish to talk to a person. */
  async pick(text) {
    this.#panel.focusLog();
    await this.#current;
    if (!this.#session) this.#panel.begin();
    await this.send(text);
  }

  /** @param {string} language Chosen by the resident. */
  async chooseLanguage(language) {
    await this.#current;
    if (!(await this.useLanguage(language))) return;
    this.#chosen = true;
    this.#store.update({ language, chosen: true });
    if (!this.#session) {
      if (!this.#contact) this.#panel.invite(this.texts.startText);
    } else if (this.#turns === 0) {
      // Nothing has been said yet: the disclosure and the greeting are worth having in the language just chosen.
      const before = this.#session;
      this.#forget();
      await this.start();
      this.#gateway.erase(before, "keep").catch(() => undefined);
    }
  }

  askToErase() {
    const { texts } = this;
    const erase = (/** @type {"keep" | "cancel"} */ callbacks) => () => void this.#once(() => this.#erase(callbacks));
    const answers = this.#store.read()?.callback
      ? [{ label: texts.eraseKeeping, action: erase("keep") }, { label: texts.eraseAll, action: erase("cancel") }]
      : [{ label: texts.eraseYes, action: erase("keep") }];
    this.#panel.confirm(texts.eraseQuestion, answers, texts.cancel);
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #once(work) {
    const before = this.#current;
    const mine = (async () => {
      await before;
      return work();
    })();
    const settled = mine.then(() => undefined, () => undefined).then(() => {
      if (this.#current === settled) this.#current = null;
    });
    this.#current = settled;
    return mine;
  }

  async #begin() {
    this.#panel.begin();
    this.#panel.wait(this.texts.opening);
    try {
      const opened = await this.#gateway.create(this.language);
      this.#session = { id: opened.conversation_id, token: opened.token };
      await this.useLanguage(opened.language);
      this.#store.write({ ...this.#session, language: this.language, chosen: this.#chosen, open: true });
      this.#hideContact();
      this.#panel.add(this.#watched(opened.disclosure));
      if (opened.messages.length) this.#panel.add(entries.greetingEntry(opened.messages, this.#scene));
      this.#suggest(opened.suggestions, opened.language);
      this.#panel.rest();
      return true;
    } catch (error) {
      this.#failed(error, () => this.start());
      return false;
    }
  }

  /**
   * @param {import("./store.js").Kept} kept
   * @returns {Promise<boolean>} False when that conversation is over.
   */
  async #restore(kept) {
    const session = { id: kept.id, token: kept.token };
    this.#panel.wait(this.texts.restoring);
    try {
      const [transcript] = await Promise.all([this.#gateway.transcript(session), loadSanitizer()]);
      this.#session = session;
      this.#hideContact();
      const log = this.#history(transcript);
      this.#panel.restore(log);
      this.#panel.rest(this.texts.restored);
      const last = transcript.turns.at(-1);
      if (last?.reply) this.#suggest(last.reply.suggestions, last.reply.language);
      else if (last?.client_message_id) await this.#deliver({ text: last.text, client_message_id: last.client_message_id }, log.at(-1));
      return true;
    } catch (error) {
      if (error instanceof GatewayError && error.reason === "gone") {
        this.#forget();
        this.#panel.rest();
        return false;
      }
      this.#failed(error, () => this.enter(true));
      return true;
    }
  }

  /**
   * @param {Transcript} transcript
   * @returns {HTMLElement[]}
   */
  #history({ disclosure, turns }) {
    this.#turns = turns.length;
    return [this.#watched(disclosure), ...turns.flatMap(({ text, reply }) => [
      entries.residentEntry(text, this.#scene),
      ...(reply ? [entries.replyEntry(reply, this.#scene)] : []),
    ])];
  }

  /**
   * @param {{text: string, client_message_id: string}} message
   * @param {HTMLElement | undefined} entry Where it stands in the log.
   * @param {boolean} [renewed] A new conversation has already been opened for it.
   * @returns {Promise<void>}
   */
  async #deliver(message, entry, renewed = false) {
    if (!entry) return;
    entry.querySelector(".failure")?.remove();
    if (!this.#session && !(await this.#begin())) return this.#notSent(message, entry, this.texts.notSent);
    const session = /** @type {Session} */ (this.#session);
    this.#panel.wait(this.texts.waiting);
    try {
      const sent = this.#gateway.send(session, this.#chosen ? { ...message, language: this.language } : message);
      const [turn] = await Promise.all([sent, loadSanitizer()]);
      await this.#answer(turn);
      this.#panel.reveal(entry);
      void this.#disclosures.record();
      return this.#panel.rest(this.texts.answered);
    } catch (error) {
      const reason = error instanceof GatewayError ? error.reason : "unreachable";
      if (reason === "gone" && !renewed) {
        this.#session = null;
        this.#store.clear();
        this.#panel.add(entries.noticeEntry(this.texts.expired, this.#scene));
        return this.#deliver({ ...message, client_message_id: newId() }, entry, true);
      }
      if (reason === "refused" || reason === "busy") {
        return this.#notSent(message, entry, this.#explanation(error) ?? this.texts[reason], reason === "busy");
      }
      this.#failed(error, null);
      return this.#notSent(message, entry, this.texts.notSent);
    }
  }

  /**
   * @param {unknown} error
   * @returns {string | undefined} The gateway's own words, when they are in the language of the interface.
   */
  #explanation(error) {
    const problem = error instanceof GatewayError ? error.problem : {};
    return problem.language === this.language ? problem.detail : undefined;
  }

  /** @param {Turn} turn */
  async #answer(turn) {
    this.#turns += 1;
    if (turn.language !== this.language && (await this.useLanguage(turn.language))) {
      // Asked for in a message (« in English please »): the earlier choice no longer holds.
      this.#chosen = false;
      this.#store.update({ language: this.language, chosen: false });
    }
    this.#hideContact();
    if (turn.disclosure?.is_new) this.#panel.add(this.#watched(turn.disclosure));
    const silent = !turn.messages.length && !turn.emergency && !turn.service && turn.status !== "relayed";
    if (!silent) this.#panel.add(entries.replyEntry(turn, this.#scene));
    if (silent || (turn.status === "degraded" && !turn.service)) this.#showContact(silent ? this.texts.empty : "", false);
    this.#suggest(turn.suggestions, turn.language);
  }

  /**
   * @param {{text: string, client_message_id: string}} message Sent again as it is: the gateway answers it once.
   * @param {HTMLElement} entry
   * @param {string} why
   * @param {boolean} [again]
   */
  #notSent(message, entry, why, again = true) {
    this.#panel.rest(why);
    entry.append(make("div", { class: "failure", "aria-live": "off" }, icon("alert"), make("span", {}, why),
      again && make("button", { type: "button", class: "text-button", onclick: () => {
        this.#panel.focusLog();
        void this.#once(() => this.#deliver(message, entry));
      } }, this.texts.retry)));
    this.#panel.reveal(entry);
  }

  /**
   * @param {unknown} error
   * @param {(() => void) | null} again
   */
  #failed(error, again) {
    if (!(error instanceof GatewayError)) console.error(error);
    this.#panel.rest();
    this.#showContact(this.texts.unreachable, true, again);
  }

  /** @param {Disclosure} disclosure */
  #watched(disclosure) {
    return this.#disclosures.watch(entries.disclosureEntry(disclosure, this.#scene), disclosure);
  }

  /**
   * @param {Suggestion[]} suggestions
   * @param {string} language
   */
  #suggest(suggestions, language) {
    this.#choices?.remove();
    this.#choices = suggestions.length ? entries.suggestionsEntry(suggestions, language, this.#scene) : null;
    if (this.#choices) this.#panel.add(this.#choices);
  }

  /**
   * @param {CallbackRequest} request
   * @returns {Promise<Receipt>}
   */
  async #callback(request) {
    if (!this.#session) throw new GatewayError("gone");
    const receipt = await this.#gateway.handoff(this.#session, request);
    this.#store.update({ callback: true });
    return receipt;
  }

  /** @param {"keep" | "cancel"} callbacks */
  async #erase(callbacks) {
    try {
      if (this.#session) await this.#gateway.erase(this.#session, callbacks);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.reason !== "gone") {
        this.#panel.rest(this.texts.eraseFailed, true);
        return;
      }
    }
    this.#forget();
    this.#panel.rest(this.texts.erased, true);
    this.#panel.invite(this.texts.startText);
    this.#panel.focus();
  }

  #forget() {
    this.#session = null;
    this.#turns = 0;
    this.#choices = null;
    this.#contact = null;
    this.#disclosures.forget();
    this.#store.clear();
    this.#panel.clear();
  }

  /**
   * @param {string} message
   * @param {boolean} withNumbers
   * @param {(() => void) | null} [again]
   */
  #showContact(message, withNumbers, again = null) {
    this.#hideContact();
    this.#contact = make("div", { class: "entry", lang: this.language }, contactBlock(this.texts, message, withNumbers),
      again && make("button", { type: "button", class: "button", onclick: again }, this.texts.retry));
    this.#panel.add(this.#contact);
    this.#panel.reveal(this.#contact);
  }

  #hideContact() {
    this.#contact?.remove();
    this.#contact = null;
  }

  /**
   * @param {string} language
   * @returns {Promise<boolean>} Whether the interface now speaks it.
   */
  async useLanguage(language) {
    if (language === this.language) return true;
    if (!this.offered.includes(language)) return false;
    try {
      this.texts = await loadTexts(language);
    } catch {
      this.#onLanguage();
      return false;
    }
    this.language = language;
    this.#onLanguage();
    return true;
  }
}
