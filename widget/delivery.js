/** How a message reaches the gateway: at once, later, in a new conversation, or not at all, and what its place in the log says of it. */

/** @import { Session } from "./api.js" */
/** @import { Turn } from "./contract.js" */
/** @import { Letter } from "./outbox.js" */
/** @import { Panel } from "./panel.js" */
/** @import { Texts } from "./texts/index.js" */

import { GatewayError } from "./api.js";
import { icon, make } from "./dom.js";
import { newId } from "./ids.js";
import { Outbox } from "./outbox.js";

/** First pauses before a message is tried again by itself: the network comes back sooner than a gateway. */
const NETWORK_PAUSE_MS = 3000;
const GATEWAY_PAUSE_MS = 15_000;

/**
 * @typedef {object} Sender What a delivery needs of its conversation.
 * @property {() => Texts} texts
 * @property {() => string} language
 * @property {() => Session | null} session
 * @property {(quiet: boolean) => Promise<Session | null>} open Finds or begins the conversation.
 * @property {(letter: Letter) => void} expired The conversation is over: forgets it, and says so before the letter.
 * @property {() => Promise<unknown>} load Fetches what shows an answer.
 * @property {(session: Session, message: import("./outbox.js").Outgoing) => Promise<Turn>} send
 * @property {(turn: Turn, before: Node | undefined) => Promise<void>} answer
 * @property {(error: unknown) => void} failed Shows whom to contact.
 * @property {() => void} retry Flushes the outbox, as the resident asks.
 * @property {() => void} wake Flushes the outbox when nothing else is under way.
 * @property {() => void} changed What waits has changed.
 */

export class Delivery {
  #sender;
  #panel;

  /**
   * @param {Sender} sender
   * @param {Panel} panel
   */
  constructor(sender, panel) {
    this.#sender = sender;
    this.#panel = panel;
    this.outbox = new Outbox({
      deliver: (letter, quiet) => this.#deliver(letter, quiet),
      changed: sender.changed,
      retry: sender.wake,
    });
  }

  /**
   * @param {Letter} letter
   * @param {boolean} quiet Nobody has asked for this try: it says something only if it succeeds.
   * @param {boolean} [renewed] A new conversation has already been opened for it.
   * @returns {Promise<number>} 0 when it is answered or refused, else how long to wait (ms) before another try.
   */
  async #deliver(letter, quiet, renewed = false) {
    const { message, entry } = letter;
    const texts = this.#sender.texts();
    if (!quiet) entry.querySelector(".failure")?.remove();
    const session = this.#sender.session() ?? (await this.#sender.open(quiet));
    if (!session) return this.#later(quiet, texts.notSent, NETWORK_PAUSE_MS);
    if (!quiet) this.#panel.wait(texts.waiting);
    try {
      const [turn] = await Promise.all([this.#sender.send(session, message), this.#sender.load()]);
      if (this.#sender.session() !== session) return 0; // Left or erased meanwhile.
      entry.querySelector(".failure")?.remove();
      await this.#sender.answer(turn, this.outbox.letters[1]?.entry);
      this.#panel.reveal(entry);
      this.#panel.rest();
      return 0;
    } catch (error) {
      if (this.#sender.session() !== session) return 0;
      const { reason, cut } = error instanceof GatewayError ? error : new GatewayError("unreachable");
      if (reason === "gone" && !renewed) {
        this.#sender.expired(letter);
        message.client_message_id = newId();
        return this.#deliver(letter, quiet, true);
      }
      if (reason === "refused") {
        this.#mark(entry, this.#explanation(error) ?? texts.refused, null);
        return 0;
      }
      if (reason === "busy") return this.#later(quiet, this.#explanation(error) ?? texts.busy, GATEWAY_PAUSE_MS);
      if (!quiet) this.#sender.failed(error);
      return this.#later(quiet, texts.notSent, cut ? NETWORK_PAUSE_MS : GATEWAY_PAUSE_MS);
    }
  }

  /**
   * @param {unknown} error
   * @returns {string | undefined} The gateway's own words, when they are in the language of the interface.
   */
  #explanation(error) {
    const problem = error instanceof GatewayError ? error.problem : {};
    return problem.language === this.#sender.language() ? problem.detail : undefined;
  }

  /**
   * The first message could not leave: it says why. Those behind it wait.
   *
   * @param {boolean} quiet
   * @param {string} why
   * @param {number} pause Milliseconds.
   * @returns {number} The pause.
   */
  #later(quiet, why, pause) {
    const [first, ...others] = this.outbox.letters;
    const texts = this.#sender.texts();
    for (const { entry } of others) {
      entry.querySelector(".failure")?.remove();
      entry.append(make("div", { class: "failure queued" }, make("span", {}, icon("clock"), texts.queued)));
    }
    if (first && !quiet) this.#mark(first.entry, why, this.#sender.retry);
    return pause;
  }

  /**
   * @param {HTMLElement} entry
   * @param {string} why
   * @param {(() => void) | null} retry The same message is sent again: the gateway answers it once.
   */
  #mark(entry, why, retry) {
    this.#panel.rest(why);
    entry.append(make("div", { class: "failure" }, make("span", {}, icon("alert"), why),
      retry && make("button", { type: "button", class: "text-button", onclick: () => {
        this.#panel.focusLog();
        retry();
      } }, this.#sender.texts().retry)));
    this.#panel.reveal(entry);
  }
}
