/** Proof that the notice was seen: the gateway records that it was issued, the widget that it was on the screen. */

/** @import { Session } from "./api.js" */
/** @import { Disclosure } from "./contract.js" */

export class DisclosureWatch {
  #gateway;
  #store;
  #session;
  /** @type {Disclosure | null} Seen by the resident, not yet recorded as such. */
  #unrecorded = null;

  /**
   * @param {import("./api.js").Gateway} gateway
   * @param {import("./store.js").Store} store
   * @param {() => Session | null} session
   */
  constructor(gateway, store, session) {
    this.#gateway = gateway;
    this.#store = store;
    this.#session = session;
  }

  /**
   * @param {HTMLElement} entry Its `.mark` stands at the end of the text.
   * @param {Disclosure} disclosure
   * @returns {HTMLElement} The entry.
   */
  watch(entry, disclosure) {
    const mark = entry.querySelector(".mark");
    if (!mark || this.#store.read()?.displayed === disclosure.id) return entry;
    const observer = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      this.#unrecorded = disclosure;
      void this.record();
    });
    observer.observe(mark);
    return entry;
  }

  /** Records what has been seen; tried again after each answer until it is done. */
  async record() {
    const session = this.#session();
    const disclosure = this.#unrecorded;
    if (!session || !disclosure) return;
    try {
      await this.#gateway.displayed(session, disclosure);
      if (this.#unrecorded === disclosure) this.#unrecorded = null;
      this.#store.update({ displayed: disclosure.id });
    } catch {
      // It stays unrecorded: the next answer is the occasion to try again.
    }
  }

  forget() {
    this.#unrecorded = null;
  }
}
