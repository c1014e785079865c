/** The one place where the widget asks who the resident is: to be called back, with their consent. */

/** @import { CallbackRequest, Receipt } from "./contract.js" */
/** @import { Texts } from "./texts/index.js" */

import { GatewayError } from "./api.js";
import { make } from "./dom.js";
import { newId } from "./ids.js";

/** As loose as a form may be: the gateway checks the number, the agent hears it. */
export const PHONE = /^\+?[\d\s().-]{8,20}$/;
export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;

/** Each form's fields need ids of their own, for their labels. */
let forms = 0;

/**
 * @param {object} options
 * @param {Texts} options.texts
 * @param {string | null} options.topic
 * @param {(request: CallbackRequest) => Promise<Receipt>} options.submit Rejects when the request was not recorded.
 * @param {() => void} options.cancelled
 * @returns {HTMLFormElement}
 */
export function callbackForm({ texts, topic, submit, cancelled }) {
  const id = `callback-${++forms}`;
  const client_message_id = newId();
  const name = field(`${id}-name`, texts.name, { autocomplete: "name", maxlength: 100 });
  const phone = field(`${id}-phone`, texts.phoneNumber, { type: "tel", autocomplete: "tel", maxlength: 30 });
  const email = field(`${id}-email`, texts.email, { type: "email", autocomplete: "email", maxlength: 200 });
  const consent = checkbox(`${id}-consent`, texts.consent);
  const byPhone = radio(`${id}-channel`, texts.byPhone, true);
  const byEmail = radio(`${id}-channel`, texts.byEmail, false);
  const outcome = make("p", { role: "status", class: "outcome" });
  const send = make("button", { class: "button filled" }, texts.callbackSend);
  email.row.hidden = true;

  const form = make("form", { class: "form", novalidate: true, "aria-labelledby": `${id}-title`, onsubmit: onSubmit },
    make("h4", { id: `${id}-title` }, texts.callbackTitle),
    make("p", { class: "quiet" }, texts.callbackText),
    name.row,
    make("fieldset", { onchange: showChannel }, make("legend", {}, texts.channel), byPhone.row, byEmail.row),
    phone.row, email.row, consent.row, outcome,
    make("div", { class: "buttons" }, send, make("button", { type: "button", class: "button", onclick: cancelled }, texts.cancel)));
  return form;

  function showChannel() {
    phone.row.hidden = byEmail.input.checked;
    email.row.hidden = !byEmail.input.checked;
  }

  /** @param {SubmitEvent} event */
  async function onSubmit(event) {
    event.preventDefault();
    if (send.getAttribute("aria-disabled")) return;
    const value = byEmail.input.checked ? email : phone;
    const valueWrong = value === email ? texts.emailWrong : texts.phoneWrong;
    const wrong = [
      name.check(name.input.value.trim().length > 0, texts.nameMissing),
      value.check((value === email ? EMAIL : PHONE).test(value.input.value.trim()), valueWrong),
      consent.check(consent.input.checked, texts.consentMissing),
    ].find((input) => input !== null);
    if (wrong) {
      wrong.focus();
      return;
    }
    send.setAttribute("aria-disabled", "true");
    outcome.textContent = texts.callbackWaiting;
    try {
      const channel = value === email ? "email" : "phone";
      const contact = /** @type {CallbackRequest["contact"]} */ ({ name: name.input.value.trim(), channel, value: value.input.value.trim() });
      showReceipt(await submit({ kind: "callback", topic, contact, consent: true, client_message_id }));
    } catch (error) {
      // What was typed stays in the form: the resident tries again without writing it twice.
      const refused = error instanceof GatewayError && error.reason === "refused";
      outcome.textContent = refused ? "" : texts.callbackFailed;
      if (refused) value.check(false, valueWrong)?.focus();
      send.removeAttribute("aria-disabled");
    }
  }

  /** @param {Receipt} receipt */
  function showReceipt({ message }) {
    const receipt = make("p", { class: "receipt plain", tabindex: -1, lang: message.lang, dir: message.dir }, message.text);
    form.replaceWith(receipt);
    receipt.focus();
  }
}

/**
 * @param {HTMLInputElement} input
 * @param {string} errorId
 * @returns {{error: HTMLElement, check: (right: boolean, message: string) => HTMLInputElement | null}} `check` shows or takes
 *   away the error, and gives back the input when it is wrong.
 */
function checked(input, errorId) {
  const error = make("p", { id: errorId, class: "error", hidden: true });
  return { error, check: (right, message) => {
    error.textContent = right ? "" : message;
    error.hidden = right;
    if (right) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
      return null;
    }
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", errorId);
    return input;
  } };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {Record<string, string | number>} attributes
 */
function field(id, label, attributes) {
  const input = make("input", { id, required: true, dir: "auto", ...attributes });
  const { error, check } = checked(input, `${id}-error`);
  return { input, check, row: make("div", { class: "field" }, make("label", { for: id }, label), input, error) };
}

/**
 * @param {string} id
 * @param {string} label
 */
function checkbox(id, label) {
  const input = make("input", { id, type: "checkbox", required: true });
  const { error, check } = checked(input, `${id}-error`);
  return { input, check, row: make("div", { class: "field" }, make("label", { class: "option" }, input, label), error) };
}

/**
 * @param {string} group
 * @param {string} label
 * @param {boolean} chosen
 */
function radio(group, label, chosen) {
  const input = make("input", { type: "radio", name: group, checked: chosen });
  return { input, row: make("label", { class: "option" }, input, label) };
}
