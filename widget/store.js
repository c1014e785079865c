/**
 * What the widget keeps: the conversation of this tab, in sessionStorage, only once the resident has opened it. The
 * browser forgets it with the tab. Where storage is refused, memory keeps it until the page is left.
 *
 * @typedef {object} Kept
 * @property {string} id
 * @property {string} token
 * @property {string} language Language of the widget.
 * @property {boolean} chosen The resident chose that language, against what would be guessed from the messages.
 * @property {boolean} open
 * @property {string} [displayed] The last disclosure whose display was recorded.
 * @property {import("./outbox.js").Outgoing[]} [outbox] Messages not answered yet: written while there is no network.
 * @property {number} [size] Of the text, as a place in the sizes of the panel.
 * @property {string[]} [rated] Turns whose answer the resident has judged.
 * @property {import("./contract.js").CallbackKey | true} [callback] The resident asked to be called back in this conversation.
 */

export class Store {
  #key;
  /** @type {Kept | null} */
  #memory = null;

  /** @param {string | URL} gateway */
  constructor(gateway) {
    this.#key = `guichet:${gateway}`;
  }

  /** @returns {Kept | null} */
  read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? "null");
      if (typeof kept?.id === "string" && typeof kept.token === "string") return kept;
    } catch {
      // Storage refused, or written by something else: memory is what is left.
    }
    return this.#memory;
  }

  /** @param {Kept} kept */
  write(kept) {
    this.#memory = kept;
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // Refused: memory has it.
    }
  }

  /** @param {Partial<Kept>} changes Ignored when nothing is kept: nothing is stored before the resident opens. */
  update(changes) {
    const kept = this.read();
    if (kept) this.write({ ...kept, ...changes });
  }

  clear() {
    this.#memory = null;
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // Refused: there was nothing to remove.
    }
  }
}
