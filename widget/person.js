/** The way from a conversation to a person: `live.js` is loaded when it is first needed. */

/** @import { Transcript, Turn } from "./contract.js" */

import { GatewayError } from "./api.js";

export class Person {
  #parts;
  /** @type {import("./live.js").Live | null} */
  #live = null;

  /** @param {ConstructorParameters<typeof import("./live.js").Live>[0]} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * @param {Turn} turn
   * @returns {boolean} A person has the message, and there is nothing else to show.
   * @throws {GatewayError} No person has got it: it stays to be sent again.
   */
  received({ status, emergency }) {
    if (!this.#live?.talking) return false;
    if (status === "degraded") throw new GatewayError("unreachable");
    return status === "relayed" && !emergency;
  }

  /** @param {Transcript} transcript Read again from the gateway. */
  async resume(transcript) {
    if (transcript.live) (await this.#load()).resume(transcript);
  }

  /** @param {Turn} turn Offers a person if one can be talked to now. */
  async offer({ live, understanding, service }) {
    if (live) this.#parts.panel.add((await this.#load()).offer(understanding?.about ?? null, service?.id ?? null));
  }

  stop() {
    this.#live?.stop();
  }

  async #load() {
    const { Live } = await import("./live.js");
    this.#live ??= new Live(this.#parts);
    return this.#live;
  }
}
