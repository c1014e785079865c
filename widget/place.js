/** The form that says where one lives: a commune or a postal code, sent as any message. Fetched when it is asked for. */

/** @import { Scene } from "./entries.js" */

import { make } from "./dom.js";
import { field } from "./forms.js";
import { loadToolTexts } from "./texts/index.js";

/** A name of two letters at least (Y and Eu are communes, but Y is written by few), or five digits. */
const PLACE = /^(?:\d{5}|\p{L}[\p{L}\p{M}\s'’.-]*\p{L}[\s\d\p{L}]*)$/u;

let forms = 0;

/**
 * @param {Scene} scene
 * @param {() => void} cancelled
 * @returns {Promise<HTMLFormElement>}
 */
export async function placeForm(scene, cancelled) {
  const texts = await loadToolTexts(scene.language);
  const place = field(`place-${++forms}`, texts.placeLabel, { maxlength: 80, autocomplete: "postal-code", required: true });
  return make("form", { class: "form", novalidate: true, onsubmit: (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const said = place.input.value.trim();
    const wrong = place.check(PLACE.test(said), texts.placeMissing);
    if (wrong) return wrong.focus();
    cancelled();
    scene.onPick(said);
  } },
    place.row,
    make("div", { class: "buttons" }, make("button", { class: "button filled" }, scene.texts.send),
      make("button", { type: "button", class: "button", onclick: cancelled }, scene.texts.cancel)));
}
