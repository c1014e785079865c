/** Server-sent events read by fetch, so that the token stays in a header; read again from the last event when cut. */

/** @typedef {{event: string, data: any}} Told */

/** Pauses between two tries; the last one goes on. */
const PAUSES_MS = [500, 1000, 2000, 5000];

export class Stream {
  #closing = new AbortController();
  #lastId;
  #tries = 0;

  /**
   * @param {object} options
   * @param {(lastId: string, signal: AbortSignal) => Promise<Response>} options.connect
   * @param {string} options.lastId The last event that is on the screen.
   * @param {(told: Told) => void} options.told
   * @param {(there: boolean) => void} options.connected
   * @param {() => void} options.gone The conversation is over: there is nothing more to follow.
   */
  constructor({ connect, lastId, told, connected, gone }) {
    this.#lastId = lastId;
    void this.#follow({ connect, told, connected, gone });
  }

  close() {
    this.#closing.abort();
  }

  /** @param {Pick<ConstructorParameters<typeof Stream>[0], "connect" | "told" | "connected" | "gone">} options */
  async #follow({ connect, told, connected, gone }) {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const response = await connect(this.#lastId, signal);
        if ([401, 404].includes(response.status)) return gone();
        if (response.ok && response.body) await this.#read(response.body, told, connected);
      } catch {
        // Cut: the next try says what was missed.
      }
      if (signal.aborted) return;
      connected(false);
      const pause = PAUSES_MS[Math.min(this.#tries++, PAUSES_MS.length - 1)];
      await new Promise((resume) => setTimeout(resume, pause));
    }
  }

  /**
   * @param {ReadableStream<Uint8Array>} body
   * @param {(told: Told) => void} told
   * @param {(there: boolean) => void} connected
   */
  async #read(body, told, connected) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).replaceAll("\r\n", "\n").split("\n\n");
      // A carriage return at the very end may be the first half of a line's end.
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const { id, event, data } = fields(block);
        if (!event) continue;
        if (event === "ready") {
          this.#tries = 0;
          connected(true);
        } else told({ event, data: JSON.parse(data ?? "null") });
        if (id && event === "live") this.#lastId = id;
      }
    }
  }
}

/**
 * @param {string} block One event, as it travels.
 * @returns {Record<string, string>}
 */
export function fields(block) {
  return Object.fromEntries(block.split("\n").filter((line) => line.includes(":") && !line.startsWith(":")).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
  }));
}
