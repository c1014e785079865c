/** The one place where the widget asks who the resident is: to be called back, with their consent. */

/** @import { Callback, CallbackKey, CallbackOptions, CallbackRequest, Receipt } from "./contract.js" */
/** @import { Texts } from "./texts/index.js" */

import { GatewayError } from "./api.js";
import { make } from "./dom.js";
import { followCard } from "./follow.js";
import { newId } from "./ids.js";

/** As loose as a form may be: the gateway checks the number, the agent hears it. */
export const PHONE = /^\+?[\d\s().-]{8,20}$/;
export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;

/** A resident waits no longer for the form: without options it asks for a call as soon as possible. */
const OPTIONS_MS = 4_000;

/** Each form's fields need ids of their own, for their labels. */
let forms = 0;

/**
 * @param {Promise<CallbackOptions>} asked
 * @returns {Promise<CallbackOptions | null>} Null when they do not come: the form does without.
 */
async function optionsOf(asked) {
  const late = new Promise((resolve) => setTimeout(resolve, OPTIONS_MS, null));
  try {
    return await Promise.race([asked, /** @type {Promise<null>} */ (late)]);
  } catch (error) {
    // The gateway says why there is no callback: a child is told whom to call instead.
    if (error instanceof GatewayError && error.problem?.type === "/problems/child-no-callback") throw error;
    return null;
  }
}

/**
 * The form of a callback, with what its service offers.
 *
 * @param {import("./entries.js").Scene} scene
 * @param {{topic: string | null, service_id?: string}} wanted
 * @param {() => void} cancelled
 * @returns {Promise<HTMLFormElement>}
 */
export async function formFor({ texts, language, onOptions, onCallback, onFollow }, wanted, cancelled) {
  const options = await optionsOf(onOptions(wanted));
  return callbackForm({ texts, language, topic: wanted.topic, options, submit: onCallback, follow: onFollow, cancelled });
}

/**
 * @param {object} options
 * @param {Texts} options.texts
 * @param {string} options.language
 * @param {string | null} options.topic
 * @param {CallbackOptions | null} options.options
 * @param {(request: CallbackRequest) => Promise<Receipt>} options.submit Rejects when the request was not recorded.
 * @param {(action: "status" | "cancel", key: CallbackKey) => Promise<Callback>} options.follow
 * @param {() => void} options.cancelled
 * @returns {HTMLFormElement}
 */
function callbackForm({ texts, language, topic, options, submit, follow, cancelled }) {
  const id = `callback-${++forms}`;
  const client_message_id = newId();
  const name = field(`${id}-name`, texts.name, { autocomplete: "name", maxlength: 100, required: true });
  const channels = {
    phone: channel(texts.byPhone, field(`${id}-phone`, texts.phoneNumber, { type: "tel", autocomplete: "tel", maxlength: 30, required: true }), PHONE, texts.phoneWrong),
    sms: channel(texts.bySms, field(`${id}-sms`, texts.mobileNumber, { type: "tel", autocomplete: "tel", maxlength: 30, required: true }), PHONE, texts.mobileWrong),
    email: channel(texts.byEmail, field(`${id}-email`, texts.email, { type: "email", autocomplete: "email", maxlength: 200, required: true }), EMAIL, texts.emailWrong),
    visit: channel(texts.byVisit, null, null, ""),
  };
  const slots = options?.slots ?? [];
  const slot = choice(`${id}-slot`, texts.when, slots.map(({ start, label }) => ({ value: start ?? "", label })));
  const subject = field(`${id}-subject`, texts.subject, { maxlength: 200, value: options?.subject });
  const agreed = options?.consent;
  const consent = checkbox(`${id}-consent`, agreed?.text ?? texts.consent, agreed ? { lang: agreed.lang, dir: agreed.dir } : {});
  const outcome = make("p", { role: "status", class: "outcome" });
  const send = make("button", { class: "button filled" }, texts.callbackSend);
  slot.row.hidden = slots.length < 2;

  const form = make("form", { class: "form", novalidate: true, "aria-labelledby": `${id}-title`, onsubmit: onSubmit },
    make("h4", { id: `${id}-title` }, texts.callbackTitle),
    make("p", { class: "quiet" }, texts.callbackText),
    options && make("p", { class: "plain" }, options.service.name),
    name.row,
    make("fieldset", { onchange: showChannel }, make("legend", {}, texts.channel), ...Object.values(channels).map(({ option }) => option.row)),
    ...Object.values(channels).map(({ value }) => value?.row),
    slot.row, subject.row, consent.row, outcome,
    make("div", { class: "buttons" }, send, make("button", { type: "button", class: "button", onclick: cancelled }, texts.cancel)));
  channels.phone.option.input.checked = true;
  showChannel();
  return form;

  /**
   * @param {string} label
   * @param {ReturnType<typeof field> | null} value
   * @param {RegExp | null} pattern
   * @param {string} wrong
   */
  function channel(label, value, pattern, wrong) {
    return { option: radio(`${id}-channel`, label), value, pattern, wrong };
  }

  function chosen() {
    const names = /** @type {(keyof typeof channels)[]} */ (Object.keys(channels));
    return names.find((each) => channels[each].option.input.checked) ?? "phone";
  }

  function showChannel() {
    for (const { option, value } of Object.values(channels)) if (value) value.row.hidden = !option.input.checked;
  }

  /**
   * Shows each mistake beside its field.
   *
   * @param {(right: Record<string, boolean>) => void} [judge] Overrules what the form itself found.
   * @returns {HTMLElement | undefined} The first field to correct.
   */
  function mistakes(judge) {
    const { value, pattern, wrong } = channels[chosen()];
    const right = {
      name: name.input.value.trim().length > 0,
      value: !pattern || pattern.test(value?.input.value.trim() ?? ""),
      slot: chosen() !== "visit" || slots.length < 2 || slot.input.value !== "",
      consent: consent.input.checked,
    };
    judge?.(right);
    return [
      name.check(right.name, texts.nameMissing),
      value?.check(right.value, wrong) ?? null,
      slot.check(right.slot, texts.slotMissing),
      consent.check(right.consent, texts.consentMissing),
    ].find((input) => input !== null);
  }

  /** @param {SubmitEvent} event */
  async function onSubmit(event) {
    event.preventDefault();
    if (send.getAttribute("aria-disabled")) return;
    const wrong = mistakes();
    if (wrong) {
      wrong.focus();
      return;
    }
    send.setAttribute("aria-disabled", "true");
    outcome.textContent = texts.callbackWaiting;
    try {
      showReceipt(await submit(request()));
    } catch (error) {
      // What was typed stays in the form: the resident tries again without writing it twice.
      const refused = error instanceof GatewayError && error.reason === "refused" ? error.problem?.errors ?? [] : null;
      const first = refused && mistakes((right) => {
        const fields = refused.map(({ field: path }) => path);
        right.slot = !fields.includes("body.contact.slot");
        right.consent = !fields.some((path) => path.startsWith("body.consent"));
        right.value = !fields.includes("body.contact.value") && !(right.slot && right.consent);
      });
      outcome.textContent = first ? "" : texts.callbackFailed;
      first?.focus();
      send.removeAttribute("aria-disabled");
    }
  }

  /** @returns {CallbackRequest} */
  function request() {
    const { value } = channels[chosen()];
    return {
      kind: "callback",
      topic,
      language,
      ...(options && { service_id: options.service.id }),
      ...(subject.input.value.trim() && { subject: subject.input.value.trim() }),
      contact: {
        name: name.input.value.trim(),
        channel: chosen(),
        value: value?.input.value.trim() ?? "",
        ...(slot.input.value && { slot: slot.input.value }),
      },
      consent: true,
      ...(agreed && { consent_id: agreed.id }),
      client_message_id,
    };
  }

  /** @param {Receipt} receipt */
  function showReceipt({ message, follow: told, reference, code }) {
    const card = make("div", { class: "receipt", tabindex: -1 },
      make("p", { class: "plain", lang: message.lang, dir: message.dir }, message.text),
      told && make("p", { class: "plain", lang: told.lang, dir: told.dir }, told.text),
      reference && code ? followCard({ texts, language, key: { reference, code }, follow }) : null);
    form.replaceWith(card);
    card.focus();
    card.scrollIntoView(); // Where it is higher than the log, its reference comes first.
  }
}

/**
 * @template {HTMLElement} T
 * @param {T} input
 * @param {string} errorId
 * @returns {{error: HTMLElement, check: (right: boolean, message: string) => T | null}} `check` shows or takes
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
 * @param {Record<string, string | number | boolean | null | undefined>} attributes
 */
export function field(id, label, attributes) {
  const input = make("input", { id, dir: "auto", ...attributes });
  const { error, check } = checked(input, `${id}-error`);
  return { input, check, row: make("div", { class: "field" }, make("label", { for: id }, label), input, error) };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {{value: string, label: string}[]} options
 */
function choice(id, label, options) {
  const input = make("select", { id }, ...options.map((each) => make("option", { value: each.value }, each.label)));
  const { error, check } = checked(input, `${id}-error`);
  return { input, check, row: make("div", { class: "field" }, make("label", { for: id }, label), input, error) };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {{lang?: string, dir?: string}} written
 */
function checkbox(id, label, written) {
  const input = make("input", { id, type: "checkbox", required: true });
  const { error, check } = checked(input, `${id}-error`);
  return { input, check, row: make("div", { class: "field" }, make("label", { class: "option", ...written }, input, label), error) };
}

/**
 * @param {string} group
 * @param {string} label
 */
function radio(group, label) {
  const input = make("input", { type: "radio", name: group });
  return { input, row: make("label", { class: "option" }, input, label) };
}
