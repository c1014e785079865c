/** The conversation as a text that the resident takes away: a file, the clipboard, paper. It is the gateway's own record, masked. */

/** @import { LiveLine, Recorded, Transcript } from "./contract.js" */
/** @import { Texts } from "./texts/index.js" */

import { fill } from "./texts/index.js";
import { nameOf } from "./texts/live.js";

/**
 * @param {Transcript} transcript
 * @param {Texts} texts
 * @param {string} language Of labels and dates.
 * @returns {string}
 */
export function asText({ disclosure, turns, live_lines: lines = [] }, texts, language) {
  // The time of the gateway, in France: the clock of this device may be wrong.
  const times = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" });
  // What the resident wrote to a person is a turn too, masked.
  const turned = new Set(turns.map(({ turn_id }) => turn_id));
  const said = [
    ...turns.map((turn) => ({ at: Date.parse(turn.received_at), text: turnText(turn, texts, language, times) })),
    ...lines.filter(({ turn_id }) => !turn_id || !turned.has(turn_id))
      .map((line) => ({ at: Date.parse(line.at), text: lineText(line, texts, language, times) })),
  ].sort((one, other) => one.at - other.at);
  return [`${texts.title}. ${texts.subtitle}`, disclosure.text, ...said.map(({ text }) => text)].join("\n\n") + "\n";
}

/**
 * @param {LiveLine} line Of a conversation with a person.
 * @param {Texts} texts
 * @param {string} language
 * @param {Intl.DateTimeFormat} times
 */
function lineText({ at, speaker, person, message }, texts, language, times) {
  const who = person ? nameOf(person, language) : speaker === "resident" ? texts.you : "";
  return `${[times.format(new Date(at)), who].filter(Boolean).join(" – ")}\n${unmasked(message.text, texts)}`;
}

/**
 * @param {Recorded} turn
 * @param {Texts} texts
 * @param {string} language
 * @param {Intl.DateTimeFormat} times
 */
function turnText({ text, received_at, reply }, texts, language, times) {
  const days = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  const day = (/** @type {string} */ iso) => days.format(new Date(iso));
  const { emergency, service } = reply ?? {};
  return [
    `${times.format(new Date(received_at))} – ${texts.you}\n${unmasked(text, texts)}`,
    reply && `\n${texts.assistant}`,
    emergency && [emergency.text, ...emergency.numbers.map(({ number, label, hours }) => `${number} – ${[label, hours].filter(Boolean).join(", ")}`)].join("\n"),
    ...(reply?.messages ?? []).filter(({ type }) => type !== "form").map((message) => message.text),
    ...(reply?.sources ?? []).map((source) => `${source.title} (${[
      fill(texts.written, { date: day(source.written) }),
      source.reviewed ? fill(texts.reviewed, { date: day(source.reviewed) }) : texts.notReviewed,
      source.machine_translated && texts.translated,
    ].filter(Boolean).join(", ")})${source.url ? `\n${source.url}` : ""}`),
    service && [service.name, service.phone, service.opening?.text, service.address, service.email, service.url].filter(Boolean).join("\n"),
  ].filter(Boolean).join("\n");
}

/**
 * @param {string} text With the gateway's tags (`[PHONE]`).
 * @param {Texts} texts
 */
function unmasked(text, texts) {
  const masked = /** @type {Record<string, string>} */ (texts.masked);
  return text.replace(/\[([A-Z]+)\]/g, (tag, name) => (masked[name] ? `[${masked[name]}]` : tag));
}

/**
 * @param {string} text
 * @param {string} name
 */
export function download(text, name) {
  // The mark at the start tells old programs that this is UTF-8: Arabic and Ukrainian are not lost.
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * @param {string} text
 * @param {HTMLElement} root In which a field can be selected, where there is no clipboard (an intranet in plain HTTP).
 */
export async function copy(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return;
  } catch {
    // Refused or absent: the old way, below.
  }
  const focused = /** @type {HTMLElement | null} */ (/** @type {ShadowRoot} */ (root.getRootNode()).activeElement);
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  root.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus();
  if (!done) throw new Error("copying is refused");
}

/**
 * Prints the conversation alone, from a frame of its own: the site's page is left as it is.
 *
 * @param {string} text
 * @param {string} title
 * @param {string} language
 * @param {string} direction
 */
export function print(text, title, language, direction) {
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.hidden = true;
  document.body.append(frame);
  const page = frame.contentDocument;
  const view = /** @type {(Window & typeof globalThis) | null} */ (frame.contentWindow);
  if (!page || !view) throw new Error("no frame to print from");
  page.documentElement.lang = language;
  page.documentElement.dir = direction;
  page.title = title;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync("body { font: 12pt/1.5 system-ui, sans-serif; white-space: pre-line; overflow-wrap: anywhere; }");
  page.adoptedStyleSheets = [sheet];
  for (const paragraph of text.split("\n\n")) {
    const node = page.createElement("p");
    node.dir = "auto";
    node.textContent = paragraph;
    page.body.append(node);
  }
  view.addEventListener("afterprint", () => frame.remove());
  view.focus();
  view.print();
}
