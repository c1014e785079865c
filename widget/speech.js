/**
 * Reads a message aloud with a voice that is installed on the resident's own device. Voices that a browser fetches from its
 * maker are left out: they would send the conversation to a third party.
 */

import { icon, make } from "./dom.js";
import { SHAPES } from "./shapes.js";

/** What a message says, without its sources, its buttons and what is only for screen readers. */
const SPOKEN = ":is(.rich, .plain)";
const BLOCKS = "p, li, h2, h3, h4, blockquote, tr";
/** Browsers list their voices late, the first time. */
const VOICES_MS = 1500;

/** @type {(() => void) | null} Ends what is being read. */
let silence = null;

/** @returns {Promise<SpeechSynthesisVoice[]>} Those of the device. */
async function voices() {
  const synthesis = window.speechSynthesis;
  if (!synthesis || !window.SpeechSynthesisUtterance) return [];
  if (!synthesis.getVoices().length) {
    await new Promise((resolve) => {
      synthesis.addEventListener("voiceschanged", resolve, { once: true });
      setTimeout(resolve, VOICES_MS);
    });
  }
  return synthesis.getVoices().filter(({ localService }) => localService);
}

/**
 * @param {HTMLElement} entry
 * @returns {{text: string, language: string}[]} In order, each with its language.
 */
export function spoken(entry) {
  return [...entry.querySelectorAll(SPOKEN)]
    .filter((prose) => !prose.closest(".sources, .callback, .after"))
    .flatMap((prose) => prose.matches(".rich") ? [...prose.querySelectorAll(BLOCKS)].filter((block) => !block.querySelector(BLOCKS)) : [prose])
    .map((block) => ({ text: words(block), language: block.closest("[lang]")?.getAttribute("lang") ?? "" }))
    .filter(({ text }) => text);
}

/** @param {Element} block */
function words(block) {
  const copy = /** @type {Element} */ (block.cloneNode(true));
  for (const hidden of copy.querySelectorAll(".unseen")) hidden.remove();
  return (copy.textContent ?? "").replace(/\s+/g, " ").trim();
}

/**
 * @param {HTMLElement} entry
 * @param {import("./texts/index.js").ToolTexts} texts
 * @returns {Promise<HTMLButtonElement | null>} Null when no voice of the device speaks its language.
 */
export async function listenButton(entry, texts) {
  const parts = spoken(entry);
  const all = parts.length ? await voices() : [];
  const voiceFor = (/** @type {string} */ language) => all.find(({ lang }) => lang.toLowerCase().split(/[-_]/)[0] === language.split("-")[0]);
  if (!parts[0] || !voiceFor(parts[0].language)) return null;
  const label = make("span", {}, texts.listen);
  const button = make("button", { type: "button", class: "small-button listen", onclick: () => {
    const reading = label.textContent === texts.stop;
    silence?.();
    if (!reading) read();
  } }, icon(SHAPES.sound), label);
  return button;

  function read() {
    label.textContent = texts.stop;
    const stopped = () => {
      label.textContent = texts.listen;
      silence = null;
    };
    silence = () => {
      stopped();
      speechSynthesis.cancel();
    };
    const said = parts.filter(({ language }) => voiceFor(language));
    said.forEach(({ text, language }, place) => {
      const utterance = new SpeechSynthesisUtterance(text);
      utterance.voice = voiceFor(language) ?? null;
      utterance.lang = utterance.voice?.lang ?? language;
      if (place === said.length - 1) utterance.addEventListener("end", stopped);
      speechSynthesis.speak(utterance);
    });
  }
}
