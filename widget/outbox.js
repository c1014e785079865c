/**
 * Messages on their way: sent one at a time, in the order they were written, each until it is answered or refused. A
 * network that fails delays them; it neither loses one, nor sends one twice, since each keeps its `client_message_id`.
 *
 * @typedef {{text: string, client_message_id: string}} Outgoing
 * @typedef {object} Letter
 * @property {Outgoing} message
 * @property {HTMLElement} entry Where it stands in the log.
 */

/** Between two tries, the pause doubles up to this. */
const LONGEST_PAUSE_MS = 60_000;

export class Outbox {
  /** @type {Letter[]} */
  #letters = [];
  #deliver;
  #changed;
  #retry;
  #tries = 0;
  #timer = 0;

  /**
   * @param {object} parts
   * @param {(letter: Letter, quiet: boolean) => Promise<number>} parts.deliver 0 once nothing more is to be done with the
   *   letter, else the first pause (ms) before another try. Quiet: nobody has asked for this try.
   * @param {() => void} parts.changed
   * @param {() => void} parts.retry Time for another try: calls `flush(true)` when nothing else is under way.
   */
  constructor({ deliver, changed, retry }) {
    this.#deliver = deliver;
    this.#changed = changed;
    this.#retry = retry;
  }

  /** @returns {readonly Letter[]} Oldest first. */
  get letters() {
    return this.#letters;
  }

  /** @param {Letter} letter */
  add(letter) {
    this.#letters.push(letter);
    this.#changed();
  }

  /** @param {Letter[]} letters Written before those that wait. */
  restore(letters) {
    this.#letters.unshift(...letters);
    this.#changed();
  }

  /** @param {boolean} [quiet] */
  async flush(quiet = false) {
    clearTimeout(this.#timer);
    for (let letter; (letter = this.#letters[0]);) {
      const pause = await this.#deliver(letter, quiet);
      if (this.#letters[0] !== letter) return; // The conversation was left meanwhile.
      if (pause) {
        this.#timer = setTimeout(() => this.#retry(), Math.min(LONGEST_PAUSE_MS, pause * 2 ** this.#tries++));
        return;
      }
      this.#letters.shift();
      this.#tries = 0;
      this.#changed();
    }
  }

  forget() {
    clearTimeout(this.#timer);
    this.#letters = [];
    this.#tries = 0;
  }
}
