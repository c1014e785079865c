/** One conversation: opened by the resident, kept by the tab, continued by messages, erased on demand. */

/** @import { Session } from "./api.js" */
/** @import { Disclosure, Transcript, Turn } from "./contract.js" */
/** @import { Scene } from "./entries.js" */
/** @import { Panel } from "./panel.js" */
/** @import { Store } from "./store.js" */
/** @import { Texts } from "./texts/index.js" */

import { GatewayError } from "./api.js";
import { Delivery } from "./delivery.js";
import { DisclosureWatch } from "./disclosures.js";
import * as entries from "./entries.js";
import { askToErase } from "./erasing.js";
import { newId } from "./ids.js";
import { loadReplies } from "./later.js";
import { Person } from "./person.js";
import { Queue } from "./queue.js";
import { Requests } from "./requests.js";
import { Tail } from "./tail.js";
import { loadTexts } from "./texts/index.js";

/**
 * @typedef {object} Parts
 * @property {import("./api.js").Gateway} gateway
 * @property {Store} store
 * @property {Panel} panel
 * @property {string[]} offered The languages of the interface.
 * @property {string} language
 * @property {Texts} texts
 * @property {() => boolean} atKiosk The computer is shared: nothing may stay on it.
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
  #queue = new Queue();
  #tail;
  #requests;
  #person;
  #disclosures;
  /** Turns on the screen, by their identifier: another tab may have added some. */
  #shown = new Set();
  #outbox;
  #atKiosk;
  #left = 0; // How many conversations were left: what comes back for one of them is dropped.

  /** @param {Parts} parts */
  constructor({ gateway, store, panel, offered, language, texts, atKiosk, onLanguage }) {
    this.#gateway = gateway;
    this.#store = store;
    this.#panel = panel;
    this.#onLanguage = onLanguage;
    this.#atKiosk = atKiosk;
    this.offered = offered;
    this.language = language;
    this.texts = texts;
    this.#chosen = store.read()?.chosen ?? false;
    this.#requests = new Requests(gateway, store, () => this.#session);
    this.#person = new Person({ gateway, panel, session: () => this.#session, scene: () => this.#scene });
    this.#tail = new Tail(panel, () => this.#scene);
    this.#disclosures = new DisclosureWatch(gateway, store, () => this.#session);
    this.#outbox = new Delivery({
      texts: () => this.texts,
      language: () => this.language,
      session: () => this.#session,
      open: (quiet) => this.#open(quiet),
      expired: ({ entry }) => {
        this.#session = null;
        this.#store.clear();
        this.#panel.add(entries.noticeEntry(this.texts.expired, this.#scene), entry);
      },
      load: () => this.#loadReplies(),
      send: (session, message) => gateway.send(session, this.#chosen ? { ...message, language: this.language } : message),
      answer: (turn, before) => this.#answer(turn, before),
      failed: (error) => this.#failed(error, null),
      retry: () => void this.#queue.run(() => this.#outbox.flush()),
      wake: () => this.wake(),
      changed: () => this.#keepOutbox(),
    }, panel).outbox;
  }

  /** @returns {Scene} */
  get #scene() {
    return { texts: this.texts, language: this.language, onPick: (text) => this.pick(text),
      onCallback: (request) => this.#requests.callback(request), rated: this.#requests.rated,
      onRate: (opinion) => this.#requests.rate(opinion), callback: this.#requests.callbackKey, onOptions: (wanted) => this.#requests.options({ ...wanted, language: this.language }),
      onFollow: (action, key) => this.#gateway.callback(action, { ...key, language: this.language }), say: (text) => this.#panel.rest(text) };
  }

  /**
   * The panel is shown: go on with the tab's conversation, or begin one if that is what the resident has just asked for.
   *
   * @param {boolean} byResident
   */
  async enter(byResident) {
    if (this.#session || this.#queue.current) return;
    const kept = this.#store.read();
    if (kept || byResident) this.#panel.begin();
    if (kept && (await this.#queue.run(() => this.#resume(kept))) !== "gone") return;
    if (byResident) await this.start();
    else if (!this.#session) this.#panel.invite(this.texts.startText);
  }

  /** @returns {Promise<boolean>} Whether there is a conversation. */
  start() {
    return this.#queue.run(() => this.#begin());
  }

  /** @param {string} text Written by the resident. */
  async send(text) {
    const entry = entries.residentEntry(text, this.#scene);
    this.#tail.hideChoices();
    this.#panel.add(entry);
    this.#panel.reveal(entry);
    this.#outbox.add({ message: { text, client_message_id: newId() }, entry });
    await this.#queue.run(() => this.#outbox.flush());
  }

  /** The network is back, or the tab is looked at again: send what waits, show what another tab has added. */
  wake() {
    if (this.#queue.current) return;
    void this.#queue.run(async () => {
      const kept = this.#store.read();
      if (this.#outbox.letters.length) await this.#outbox.flush(true);
      else if (this.#session) await this.#catchUp();
      else if (kept) await this.#resume(kept, true);
    });
  }

  /** @returns {Promise<Transcript>} As the gateway has it: masked, with its times. */
  async transcript() {
    if (!this.#session) throw new GatewayError("gone");
    return this.#gateway.transcript(this.#session);
  }

  /** @returns {boolean} Something has been said, or could be. */
  get begun() {
    return this.#session !== null || this.#queue.current !== null || this.#outbox.letters.length > 0;
  }

  /** The resident has gone: erased here at once, at the gateway as soon as it answers; a callback asked for is kept. */
  abandon() {
    const session = this.#session;
    this.leave();
    this.#panel.invite(this.texts.startText);
    this.#chosen = false;
    if (session) this.#gateway.erase(session, "keep").catch(() => undefined);
  }

  /** The element has left the page: nothing is followed any more; what the tab keeps is read again if it comes back. */
  pause() {
    this.#left += 1;
    this.#forget(true);
  }

  /** Leaves the conversation: nothing of it stays on the screen or in the tab. */
  leave() {
    this.#left += 1;
    this.#forget();
    this.#panel.wipe();
    this.#panel.rest();
  }

  /** @param {string} text Of a suggestion, or the wish to talk to a person. */
  async pick(text) {
    this.#panel.focusLog();
    await this.#queue.current;
    if (!this.#session) this.#panel.begin();
    await this.send(text);
  }

  /** @param {string} language Chosen by the resident. */
  async chooseLanguage(language) {
    await this.#queue.current;
    if (!(await this.useLanguage(language))) return;
    this.#chosen = true;
    this.#store.update({ language, chosen: true });
    if (!this.#session) {
      if (!this.#tail.hasContact) this.#panel.invite(this.texts.startText);
    } else if (this.#turns === 0) {
      // Nothing has been said yet: the disclosure and the greeting are worth having in the language just chosen.
      const before = this.#session;
      this.#forget();
      await this.start();
      this.#gateway.erase(before, "keep").catch(() => undefined);
    }
  }

  askToErase() {
    askToErase(this.#panel, this.texts, Boolean(this.#store.read()?.callback), (callbacks) => this.#queue.run(() => this.#erase(callbacks)));
  }

  /**
   * @param {boolean} quiet
   * @returns {Promise<Session | null>}
   */
  async #open(quiet) {
    const kept = this.#store.read();
    const outcome = kept ? await this.#restore(kept, quiet) : "gone";
    if (outcome === "gone") await this.#begin(quiet);
    return this.#session;
  }

  /** @param {boolean} [quiet] */
  async #begin(quiet = false) {
    this.#panel.begin();
    if (!quiet) this.#panel.wait(this.texts.opening);
    const left = this.#left;
    try {
      const opened = await this.#gateway.create(this.language, this.#atKiosk() ? "kiosk" : "web");
      if (left !== this.#left) return false;
      this.#session = { id: opened.conversation_id, token: opened.token };
      await this.useLanguage(opened.language);
      this.#store.write({ ...this.#session, language: this.language, chosen: this.#chosen, open: true, size: this.#panel.size });
      this.#keepOutbox();
      this.#tail.hideContact();
      // What the resident has already written comes after the disclosure.
      const waiting = this.#outbox.letters[0]?.entry;
      this.#panel.add(this.#watched(opened.disclosure), waiting);
      if (opened.messages.length) this.#panel.add(entries.greetingEntry(opened.messages, this.#scene), waiting);
      this.#tail.suggest(opened.suggestions, opened.language);
      this.#panel.rest();
      return true;
    } catch (error) {
      if (!quiet) this.#failed(error, () => this.#outbox.letters.length ? this.#queue.run(() => this.#outbox.flush()) : this.start());
      return false;
    }
  }

  /**
   * @param {import("./store.js").Kept} kept
   * @param {boolean} [quiet]
   */
  async #resume(kept, quiet = false) {
    const outcome = await this.#restore(kept, quiet);
    if (outcome === "restored") await this.#outbox.flush();
    return outcome;
  }

  /**
   * @param {import("./store.js").Kept} kept
   * @param {boolean} quiet
   * @returns {Promise<"restored" | "gone" | "failed">} `gone`: that conversation is over.
   */
  async #restore(kept, quiet) {
    const [session, left] = [{ id: kept.id, token: kept.token }, this.#left];
    if (!quiet) this.#panel.wait(this.texts.restoring);
    try {
      const [transcript, { pastEntries, unsent }] = await Promise.all([this.#gateway.transcript(session), this.#loadReplies()]);
      if (left !== this.#left) return "failed";
      this.#session = session;
      this.#tail.hideContact();
      this.#turns = transcript.turns.length;
      const log = [this.#watched(transcript.disclosure), ...pastEntries(this.#noted(transcript.turns), this.#scene)];
      this.#panel.restore(log, this.#outbox.letters[0]?.entry);
      this.#panel.rest(this.texts.restored);
      const last = transcript.turns.at(-1)?.reply;
      await this.#person.resume(transcript);
      if (last) this.#tail.suggest(last.suggestions, last.language);
      const { letters, added } = unsent(transcript, log, kept.outbox ?? [], this.#outbox.letters, this.#scene);
      this.#panel.restore(added, this.#outbox.letters[0]?.entry);
      this.#outbox.restore(letters);
      return "restored";
    } catch (error) {
      if (error instanceof GatewayError && error.reason === "gone") {
        const waiting = this.#outbox.letters.map(({ entry }) => entry);
        this.#forgetSession();
        this.#panel.restore(waiting);
        this.#panel.rest();
        return "gone";
      }
      if (!quiet) this.#failed(error, () => this.enter(true));
      return "failed";
    }
  }

  /** @param {Transcript["turns"]} turns Now on the screen. */
  #noted(turns) {
    for (const { turn_id, reply } of turns) if (reply) this.#shown.add(turn_id);
    return turns;
  }

  #loadReplies = () => loadReplies(/** @type {ShadowRoot} */ (this.#panel.root.getRootNode()));

  /** Shows the turns that another tab on this conversation has had meanwhile. */
  async #catchUp() {
    if (!this.#session) return;
    try {
      const { turns } = await this.#gateway.transcript(this.#session);
      const missed = turns.filter(({ turn_id, reply }) => reply && reply.status !== "relayed" && !this.#shown.has(turn_id));
      if (!missed.length) return;
      this.#panel.restore((await this.#loadReplies()).pastEntries(this.#noted(missed), this.#scene));
      const last = missed.at(-1)?.reply;
      if (last) this.#tail.suggest(last.suggestions, last.language);
      this.#turns = turns.length;
      this.#panel.rest(this.texts.restored);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.reason !== "gone") return;
      // Erased in the other tab: nothing of it may stay in this one.
      this.leave();
      this.#panel.rest(this.texts.erased, true);
      this.#panel.invite(this.texts.startText);
    }
  }

  #keepOutbox() {
    // Before there is a session, what was kept has not been read yet.
    if (this.#session) this.#store.update({ outbox: this.#outbox.letters.map(({ message }) => message) });
  }

  /**
   * @param {Turn} turn
   * @param {Node} [before] The next message that waits: each answer stands under its question.
   */
  async #answer(turn, before) {
    if (this.#shown.has(turn.turn_id)) return;
    const relayed = this.#person.received(turn);
    this.#shown.add(turn.turn_id);
    if (relayed) return;
    this.#turns += 1;
    if (turn.language !== this.language && (await this.useLanguage(turn.language))) {
      // Asked for in a message (« in English please »): the earlier choice no longer holds.
      this.#chosen = false;
      this.#store.update({ language: this.language, chosen: false });
    }
    this.#tail.hideContact();
    if (turn.disclosure?.is_new) this.#panel.add(this.#watched(turn.disclosure), before);
    const silent = !turn.messages.length && !turn.emergency && !turn.service && turn.status !== "relayed";
    if (!silent) this.#panel.add((await this.#loadReplies()).replyEntry(turn, this.#scene), before);
    if (silent || (turn.status === "degraded" && !turn.service)) this.#tail.showContact(silent ? this.texts.empty : "", false);
    this.#tail.suggest(turn.suggestions, turn.language);
    await this.#person.offer(turn);
    void this.#disclosures.record();
  }

  /**
   * @param {unknown} error
   * @param {(() => void) | null} again
   */
  #failed(error, again) {
    if (!(error instanceof GatewayError)) console.error(error);
    this.#panel.rest();
    this.#tail.showContact(navigator.onLine ? this.texts.unreachable : this.texts.offline, true, again);
  }

  /** @param {Disclosure} disclosure */
  #watched = (disclosure) => this.#disclosures.watch(entries.disclosureEntry(disclosure, this.#scene), disclosure);

  /** @param {"keep" | "cancel"} callbacks */
  async #erase(callbacks) {
    try {
      if (this.#session) await this.#gateway.erase(this.#session, callbacks);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.reason !== "gone") return this.#panel.rest(this.texts.eraseFailed, true);
    }
    this.leave();
    this.#panel.rest(this.texts.erased, true);
    this.#panel.invite(this.texts.startText);
    this.#panel.focus();
  }

  #forget(kept = false) {
    this.#outbox.forget();
    this.#forgetSession(kept);
  }

  #forgetSession(kept = false) {
    this.#person.stop();
    this.#session = null;
    this.#turns = 0;
    this.#tail.hideChoices();
    this.#tail.hideContact();
    this.#shown.clear();
    this.#disclosures.forget();
    if (!kept) this.#store.clear();
    this.#panel.clear();
  }

  /**
   * @param {string} language
   * @returns {Promise<boolean>} Whether the interface now speaks it.
   */
  async useLanguage(language) {
    if (language === this.language) return true;
    if (!this.offered.includes(language)) return false;
    const texts = await loadTexts(language).catch(() => null);
    if (texts) Object.assign(this, { texts, language });
    this.#onLanguage();
    return texts !== null;
  }
}
