/** The only module that talks to the gateway. Every failure is a GatewayError that says what can be done about it. */

/** @import { Callback, CallbackKey, CallbackOptions, CallbackRequest, Opened, Receipt, Transcript, Turn } from "./contract.js" */

/**
 * `unreachable`: nothing usable came back; `gone`: this conversation is over (expired, erased); `busy`: try again in a
 * moment; `refused`: the gateway understood, and says no to this content.
 *
 * @typedef {"unreachable" | "gone" | "busy" | "refused"} Reason
 */

/** The gateway answers a turn within 5 s whatever is down; the rest is for slow mobile networks. */
const PATIENCE_MS = 12_000;

/** This file is served one folder below the root of the gateway. */
export const GATEWAY = new URL("..", import.meta.url);

export class GatewayError extends Error {
  /**
   * @param {Reason} reason
   * @param {{type?: string, detail?: string, language?: string, errors?: {field: string}[]}} [problem] RFC 9457: `detail` is written for the resident.
   * @param {boolean} [cut] Nothing came back: the network, rather than the gateway.
   */
  constructor(reason, problem = {}, cut = false) {
    super(reason);
    this.reason = reason;
    this.problem = problem;
    this.cut = cut;
  }
}

/**
 * @param {number} status HTTP status of a response that is no success.
 * @returns {Reason}
 */
export function reasonOf(status) {
  if ([401, 404, 410].includes(status)) return "gone";
  if (status === 409 || status === 429) return "busy";
  return [400, 413, 422].includes(status) ? "refused" : "unreachable";
}

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {string} token Sent in a header, never in an address.
 */

export class Gateway {
  #conversations;
  /** The messages sent from this page, by `client_message_id`: they are on its screen already. */
  sent = new Set();

  /** @param {URL} base Where the widget's script came from. */
  constructor(base) {
    this.base = base;
    this.#conversations = new URL("api/v1/conversations", base).href;
  }

  /**
   * @param {string} language
   * @param {"web" | "kiosk"} channel
   * @returns {Promise<Opened>}
   */
  create(language, channel) {
    return this.#call("POST", "", null, { language, channel });
  }

  /**
   * @param {Session} session
   * @param {{text: string, client_message_id: string, language?: string}} message The same id sent twice is answered once.
   * @returns {Promise<Turn>}
   */
  send(session, message) {
    this.sent.add(message.client_message_id);
    return this.#call("POST", `/${session.id}/messages`, session, message);
  }

  /**
   * @param {Session} session
   * @param {string} lastId The last event seen: what came after it is told first.
   * @param {AbortSignal} signal
   * @returns {Promise<Response>} Server-sent events, for as long as they are read.
   */
  events(session, lastId, signal) {
    const headers = { Accept: "text/event-stream", Authorization: `Bearer ${session.token}`, "Last-Event-ID": lastId };
    return fetch(`${this.#conversations}/${session.id}/events`, { headers, credentials: "omit", cache: "no-store", signal });
  }

  /**
   * @param {Session} session Its page is still there.
   * @returns {Promise<void>}
   */
  seen(session) {
    return this.#call("POST", `/${session.id}/live/seen`, session);
  }

  /**
   * @param {Session} session
   * @returns {Promise<import("./contract.js").LiveNow>}
   */
  leaveLive(session) {
    return this.#call("POST", `/${session.id}/live/leave`, session);
  }

  /**
   * @param {Session} session
   * @returns {Promise<Transcript>}
   */
  transcript(session) {
    return this.#call("GET", `/${session.id}`, session);
  }

  /**
   * @param {Session} session
   * @param {"keep" | "cancel"} callback What becomes of a callback that is still open.
   * @returns {Promise<void>}
   */
  erase(session, callback) {
    return this.#call("DELETE", `/${session.id}?callback=${callback}`, session);
  }

  /**
   * @param {Session} session
   * @param {import("./contract.js").Disclosure} disclosure
   * @returns {Promise<void>}
   */
  displayed(session, { id, language }) {
    return this.#call("POST", `/${session.id}/disclosure/displayed`, session, { disclosure_id: id, language });
  }

  /**
   * @param {Session} session
   * @param {CallbackRequest | import("./contract.js").LiveRequest} request
   * @returns {Promise<Receipt>}
   */
  handoff(session, request) {
    return this.#call("POST", `/${session.id}/handoffs`, session, request);
  }

  /**
   * @param {Session} session
   * @param {{turn_id: string, value: "helpful" | "not_helpful", reason?: string}} opinion The last one on a turn counts.
   * @returns {Promise<void>}
   */
  feedback(session, opinion) {
    return this.#call("POST", `/${session.id}/feedback`, session, opinion);
  }

  /**
   * @param {Session} session
   * @param {{language: string, topic: string | null, service_id?: string}} wanted
   * @returns {Promise<CallbackOptions>}
   */
  callbackOptions(session, { language, topic, service_id }) {
    const query = new URLSearchParams({ language });
    if (topic) query.set("topic", topic);
    if (service_id) query.set("service_id", service_id);
    return this.#call("GET", `/${session.id}/handoffs/options?${query}`, session);
  }

  /**
   * @param {"status" | "cancel"} action
   * @param {CallbackKey & {language: string}} key In the body: a code is never in an address.
   * @returns {Promise<Callback>}
   */
  callback(action, key) {
    return this.#call("POST", `/../callbacks/${action}`, null, key);
  }

  /**
   * @param {string} method
   * @param {string} path After `/api/v1/conversations`.
   * @param {Session | null} session
   * @param {unknown} [body]
   * @returns {Promise<any>} The JSON body; null when there is none.
   */
  async #call(method, path, session, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (session) headers.Authorization = `Bearer ${session.token}`;
    if (body) headers["Content-Type"] = "application/json";
    try {
      const response = await fetch(this.#conversations + path, {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (!response.ok) throw new GatewayError(reasonOf(response.status), await response.json().catch(() => undefined));
      const text = await response.text();
      return text ? JSON.parse(text) : null;
    } catch (error) {
      throw error instanceof GatewayError ? error : new GatewayError("unreachable", {}, true);
    }
  }
}
