/** A callback that was asked for: where it is, cancelling it, and where to find it again later. */

/** @import { Callback, CallbackKey } from "./contract.js" */
/** @import { Texts } from "./texts/index.js" */

import { GATEWAY, GatewayError } from "./api.js";
import { make } from "./dom.js";

/**
 * @param {object} options
 * @param {Texts} options.texts
 * @param {string} options.language
 * @param {CallbackKey} options.key
 * @param {(action: "status" | "cancel", key: CallbackKey) => Promise<Callback>} options.follow
 * @returns {HTMLElement}
 */
export function followCard({ texts, language, key, follow }) {
  const outcome = make("p", { role: "status", class: "outcome", dir: "auto" });
  const ask = make("button", { type: "button", class: "button", onclick: () => void tell("status") }, texts.callbackFollow);
  const cancel = make("button", { type: "button", class: "button", hidden: true, onclick: () => void tell("cancel") }, texts.callbackCancel);
  // Neither the reference nor the code is in the address: the resident types them there.
  const later = new URL(`callback?language=${language}`, GATEWAY).href;
  return make("div", { class: "follow" }, outcome,
    make("div", { class: "buttons" }, ask, cancel),
    make("p", {}, make("a", { href: later, target: "_blank", rel: "noopener noreferrer" }, texts.callbackLater,
      make("span", { class: "unseen" }, ` (${texts.newWindow})`))));

  /** @param {"status" | "cancel"} action */
  async function tell(action) {
    if (outcome.getAttribute("aria-busy")) return;
    outcome.setAttribute("aria-busy", "true");
    try {
      const { status, message } = await follow(action, key);
      outcome.textContent = message.text;
      outcome.lang = message.lang;
      // The button that was pressed goes away: the focus must not go with it.
      if (action === "cancel") ask.focus();
      cancel.hidden = status !== "open";
    } catch (error) {
      const told = error instanceof GatewayError ? error.problem?.detail : null;
      outcome.textContent = told ?? texts.callbackFailed;
    } finally {
      outcome.removeAttribute("aria-busy");
      // What is told above the buttons pushes them down: the one that was pressed stays in view.
      ask.scrollIntoView({ block: "nearest" });
    }
  }
}
