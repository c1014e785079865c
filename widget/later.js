/** What is fetched while the first answer is awaited: how replies look, and the sanitizer. */

import { GatewayError } from "./api.js";

/**
 * @param {ShadowRoot} root Whose style sheets it completes.
 * @returns {Promise<typeof import("./replies.js") & typeof import("./history.js")>} Rejects with a GatewayError, as a message
 *   that did not arrive: it can be asked for again.
 */
export async function loadReplies(root) {
  try {
    const [replies, history, { loadSanitizer }, { addStyles }] = await Promise.all([
      import("./replies.js"), import("./history.js"), import("./sanitize.js"), import("./styles/later.js")]);
    addStyles(root);
    await loadSanitizer();
    return { ...replies, ...history };
  } catch {
    throw new GatewayError("unreachable", {}, true);
  }
}
