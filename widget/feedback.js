/** What stands under an answer: did it help, why not, and hearing it read aloud. Fetched with the first answer. */

/** @import { Scene } from "./entries.js" */
/** @import { ToolTexts } from "./texts/index.js" */

import { make } from "./dom.js";
import { listenButton } from "./speech.js";
import { loadToolTexts } from "./texts/index.js";

/** Each form's fields need ids of their own, for their labels. */
let forms = 0;

/**
 * @param {HTMLElement} place In the entry, which has been announced without it.
 * @param {HTMLElement} entry
 * @param {string | null} turn_id Null when the turn is not one to judge.
 * @param {Scene} scene
 */
export async function fillAfter(place, entry, turn_id, scene) {
  const texts = await loadToolTexts(scene.language);
  const row = make("div", { class: "after-row" });
  if (turn_id && !scene.rated.includes(turn_id)) {
    place.append(row);
    row.append(question(place, turn_id, texts, scene));
  }
  const listen = await listenButton(entry, texts);
  if (!listen) return;
  row.append(listen);
  place.prepend(row);
}

/**
 * @param {HTMLElement} place
 * @param {string} turn_id
 * @param {ToolTexts} texts
 * @param {Scene} scene
 */
function question(place, turn_id, texts, scene) {
  const outcome = make("p", { class: "outcome", hidden: true });
  const yes = answer(texts.yes, "helpful");
  const no = answer(texts.no, "not_helpful");
  place.append(outcome);
  return make("div", { class: "helpful", role: "group", "aria-label": texts.helpful },
    make("span", { "aria-hidden": "true" }, texts.helpful), yes, no);

  /**
   * @param {string} label
   * @param {"helpful" | "not_helpful"} value
   */
  function answer(label, value) {
    const button = make("button", { type: "button", class: "small-button", "aria-pressed": "false", onclick: async () => {
      if (button.getAttribute("aria-pressed") === "true") return;
      const before = [yes, no].find((each) => each.getAttribute("aria-pressed") === "true");
      press(button);
      place.querySelector(".reasons")?.remove();
      if (value === "not_helpful") {
        const form = reasons();
        place.append(form);
        form.scrollIntoView({ block: "nearest" });
      }
      // The answer counts at once: the reason that may follow only adds to it.
      if (await send(value)) tell(value === "helpful" ? texts.thanks : texts.invited);
      else press(before ?? null);
    } }, label);
    return button;
  }

  /** @param {HTMLButtonElement | null} chosen */
  function press(chosen) {
    for (const button of [yes, no]) button.setAttribute("aria-pressed", String(button === chosen));
  }

  /** @param {string} text Announced by the status of the panel, seen under the answer. */
  function tell(text) {
    outcome.textContent = text;
    outcome.hidden = false;
    scene.say(text);
  }

  /**
   * @param {"helpful" | "not_helpful"} value
   * @param {string} [reason]
   */
  async function send(value, reason) {
    try {
      await scene.onRate({ turn_id, value, ...(reason ? { reason } : {}) });
      return true;
    } catch {
      tell(texts.feedbackFailed);
      return false;
    }
  }

  function reasons() {
    const id = `why-${++forms}`;
    const comment = make("textarea", { id: `${id}-words`, rows: 2, maxlength: 500, dir: "auto", "aria-describedby": `${id}-privacy` });
    const form = make("form", { class: "form reasons", onsubmit: async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const picked = /** @type {HTMLInputElement | null} */ (form.querySelector(":checked"))?.value;
      const reason = [picked, comment.value.trim()].filter(Boolean).join(": ");
      if (reason && !(await send("not_helpful", reason))) return;
      form.remove();
      no.focus();
      tell(texts.thanks);
    } },
      make("fieldset", {}, make("legend", {}, texts.why), ...Object.entries(texts.reasons).map(([code, label]) =>
        make("label", { class: "option" }, make("input", { type: "radio", name: id, value: code }), label))),
      make("div", { class: "field" }, make("label", { for: `${id}-words` }, texts.comment), comment,
        make("p", { class: "quiet", id: `${id}-privacy` }, scene.texts.privacy)),
      make("div", { class: "buttons" }, make("button", { class: "button" }, texts.feedbackSend)));
    return form;
  }
}
