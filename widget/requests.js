/** What a resident asks beside the messages: to be called back, to be heard on an answer. The tab remembers that it was asked. */

/** @import { Gateway, Session } from "./api.js" */
/** @import { CallbackRequest, Receipt } from "./contract.js" */
/** @import { Store } from "./store.js" */

import { GatewayError } from "./api.js";

/** @typedef {{turn_id: string, value: "helpful" | "not_helpful", reason?: string}} Opinion */

export class Requests {
  #gateway;
  #store;
  #session;

  /**
   * @param {Gateway} gateway
   * @param {Store} store
   * @param {() => Session | null} session
   */
  constructor(gateway, store, session) {
    this.#gateway = gateway;
    this.#store = store;
    this.#session = session;
  }

  /**
   * @param {CallbackRequest} request
   * @returns {Promise<Receipt>}
   */
  async callback(request) {
    const receipt = await this.#gateway.handoff(this.#present, request);
    const { reference, code } = receipt;
    this.#store.update({ callback: reference && code ? { reference, code } : true });
    return receipt;
  }

  /** @returns {import("./contract.js").CallbackKey | null} What opens the callback that was asked for. */
  get callbackKey() {
    const kept = this.#store.read()?.callback;
    return kept && kept !== true ? kept : null;
  }

  /**
   * @param {{language: string, topic: string | null, service_id?: string}} wanted
   * @returns {Promise<import("./contract.js").CallbackOptions>}
   */
  async options(wanted) {
    return this.#gateway.callbackOptions(this.#present, wanted);
  }

  /** @param {Opinion} opinion */
  async rate(opinion) {
    await this.#gateway.feedback(this.#present, opinion);
    this.#store.update({ rated: [...new Set([...this.rated, opinion.turn_id])] });
  }

  /** @returns {string[]} Turns already judged. */
  get rated() {
    return this.#store.read()?.rated ?? [];
  }

  /** @returns {Session} */
  get #present() {
    const session = this.#session();
    if (!session) throw new GatewayError("gone");
    return session;
  }
}
