// The counter assistant: search while typing, extracts first, then the answer in two languages.
// Nothing typed here is kept: neither in the address, nor in the browser's storage.
// @ts-check

import {extractItem, fillEmergency, fillSide} from "./assistant_view.js";
import {call, Refused, signInAgain} from "./calls.js";
import {closeDialogs, installKeys} from "./keys.js";

/** @typedef {import("./assistant_view.js").Extract} Extract */
/** @typedef {import("./assistant_view.js").StaffAnswer} StaffAnswer */
/** @typedef {import("./assistant_view.js").Emergency} Emergency */

const PAUSE_MS = 180;
const SHORTEST = 3;

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const question = /** @type {HTMLTextAreaElement} */ ($("question"));
const language = /** @type {HTMLSelectElement} */ ($("language"));
const reason = /** @type {HTMLTextAreaElement} */ ($("reason"));
const join = /** @type {HTMLInputElement} */ ($("join"));

/** @type {{asked: string, extracts: Extract[], chosen: number, answer: StaffAnswer | null, languageIsChosen: boolean, danger: boolean}} */
const now = {asked: "", extracts: [], chosen: 0, answer: null, languageIsChosen: false, danger: false};
let timer = 0;
/** @type {AbortController | null} */
let searching = null;
/** @type {AbortController | null} */
let answering = null;

function laterSearch() {
  clearTimeout(timer);
  timer = setTimeout(() => search(false), PAUSE_MS);
}

/** @param {boolean} thenFocus */
async function search(thenFocus) {
  clearTimeout(timer);
  const text = question.value.trim();
  if (text.length < SHORTEST) {
    searching?.abort();
    return clear();
  }
  if (text === now.asked && now.extracts.length) {
    if (thenFocus) focusExtract(0);
    return;
  }
  searching?.abort();
  const mine = searching = new AbortController();
  try {
    const found = await call("/api/v1/staff/search", asking(text), {signal: mine.signal});
    if (mine.signal.aborted) return;
    now.asked = text;
    now.extracts = found.extracts;
    if (!now.languageIsChosen) language.value = found.language;
    show(found);
    if (found.extracts.length) await choose(0);
    if (thenFocus && found.extracts.length) focusExtract(0);
  } catch (error) {
    fail(error);
  }
}

/** @param {string} text */
function asking(text) {
  return now.languageIsChosen ? {text, language: language.value} : {text};
}

/** The numbers again, in the language that was chosen: the extracts and the answer stay as they are. */
async function tellDangerAgain() {
  const text = now.asked;
  try {
    const found = await call("/api/v1/staff/search", {...asking(text), k: 1});
    if (now.asked === text) fillEmergency($("emergency"), found.emergency, found.emergency_resident);
  } catch (error) {
    fail(error);
  }
}

function clear() {
  now.asked = "";
  now.extracts = [];
  now.answer = null;
  $("work").hidden = true;
  $("emergency").hidden = true;
  $("masked").hidden = true;
  $("found").textContent = "";
}

/** @param {{sure: boolean, masked: boolean, extracts: Extract[], emergency: Emergency | null, emergency_resident: Emergency | null}} found */
function show(found) {
  $("failed").hidden = true;
  $("masked").hidden = !found.masked;
  now.danger = found.emergency !== null;
  fillEmergency($("emergency"), found.emergency, found.emergency_resident);
  const count = found.extracts.length;
  $("work").hidden = count === 0;
  $("found").textContent = !count
    ? "Aucune fiche ne parle de cela. Passez la main au service compétent."
    : found.sure
      ? `${count} extrait${count > 1 ? "s" : ""}. Le premier répond à la question.`
      : `${count} extrait${count > 1 ? "s" : ""} proche${count > 1 ? "s" : ""}, mais aucun ne répond à coup sûr : vérifiez, ou précisez la question.`;
  $("extracts").replaceChildren(...found.extracts.map((extract, index) => {
    const item = extractItem(extract);
    item.querySelector("button")?.addEventListener("click", () => choose(index));
    return item;
  }));
}

/** @param {number} index */
async function choose(index) {
  now.chosen = index;
  const extract = now.extracts[index];
  if (!extract) return;
  $("extracts").querySelectorAll("button").forEach((button, each) => {
    button.setAttribute("aria-pressed", String(each === index));
    button.tabIndex = each === index ? 0 : -1;
    button.closest("li")?.classList.toggle("chosen", each === index);
  });
  answering?.abort();
  const mine = answering = new AbortController();
  const wanted = {article_id: extract.article_id, section: extract.section, language: language.value};
  try {
    const answer = await call("/api/v1/staff/answer", wanted, {signal: mine.signal});
    if (mine.signal.aborted) return;
    now.answer = answer;
    showAnswer(answer);
  } catch (error) {
    fail(error);
  }
}

/** @param {StaffAnswer} answer */
function showAnswer(answer) {
  $("failed").hidden = true;
  $("done").textContent = "";
  const twice = answer.resident !== null && language.value !== "fr";
  $("staff-only").hidden = !answer.staff_only;
  fillSide($("french"), answer.french);
  $("resident").hidden = !twice;
  if (twice) fillSide($("resident"), answer.resident);
  $("sides").classList.toggle("twice", twice);
  document.body.classList.toggle("two-languages", twice);
  document.body.classList.toggle("not-for-residents", answer.staff_only);
  for (const id of ["full", "print"]) /** @type {HTMLButtonElement} */ ($(id)).disabled = answer.staff_only;
  $("copy-french").hidden = !twice;
}

/** @param {number} index */
function focusExtract(index) {
  const buttons = $("extracts").querySelectorAll("button");
  const wanted = Math.max(0, Math.min(index, buttons.length - 1));
  buttons[wanted]?.focus();
  if (wanted !== now.chosen) choose(wanted);
}

/** @param {"french" | "resident"} side */
async function copy(side) {
  const shown = side === "resident" ? forResident() : now.answer?.french;
  if (!shown) return;
  await writeToClipboard(shown.text);
  $("done").textContent = now.answer?.staff_only
    ? "Copié. Cette fiche est réservée aux agents."
    : `Copié (${language.querySelector(`[value="${shown.lang}"]`)?.textContent ?? shown.lang}).`;
}

/** @param {string} text */
async function writeToClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP, as in some town halls, browsers keep the clipboard to the old command.
    const area = document.createElement("textarea");
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    before?.focus();
  }
}

/** What a resident may see: their language, or French; nothing of an article for agents. */
function forResident() {
  if (!now.answer) return null;
  return now.answer.staff_only ? now.answer.french : now.answer.resident ?? now.answer.french;
}

function fullScreen() {
  const shown = forResident();
  if (!shown || now.answer?.staff_only) return;
  fillSide($("screen-body"), shown);
  open("screen");
}

function print() {
  if (now.answer && !now.answer.staff_only) window.print();
}

function wrong() {
  const extract = now.extracts[now.chosen];
  if (!extract) return;
  $("report-article").textContent = extract.title;
  reason.value = "";
  join.checked = false;
  open("report");
  reason.focus();
}

async function sendReport() {
  const extract = now.extracts[now.chosen];
  const words = reason.value.trim();
  if (!extract || !words) return;
  const body = {article_id: extract.article_id, section: extract.section, language: language.value, reason: words};
  try {
    await call("/api/v1/staff/reports", join.checked ? {...body, question: now.asked} : body);
    closeDialogs();
    $("done").textContent = "Merci. Les administrateurs verront votre signalement.";
  } catch (error) {
    closeDialogs();
    fail(error);
  }
}

/** @param {string} id */
function open(id) {
  /** @type {HTMLDialogElement} */ ($(id)).showModal();
}

/** @param {unknown} error */
function fail(error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (signInAgain(error)) return;
  $("failed").textContent = error instanceof Refused ? error.message : "L’assistant ne répond pas. Réessayez dans un instant.";
  $("failed").hidden = false;
}

question.addEventListener("input", laterSearch);
question.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    search(true);
  } else if (event.key === "Escape") {
    focusExtract(now.chosen);
  }
});
$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  search(true);
});
$("extracts").addEventListener("keydown", (event) => {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!step) return;
  event.preventDefault();
  focusExtract(now.chosen + step);
});
language.addEventListener("change", () => {
  now.languageIsChosen = true;
  if (now.danger) tellDangerAgain();
  if (now.extracts.length) choose(now.chosen);
});
$("copy").addEventListener("click", () => copy("resident"));
$("copy-french").addEventListener("click", () => copy("french"));
$("full").addEventListener("click", fullScreen);
$("print").addEventListener("click", print);
$("wrong").addEventListener("click", wrong);
$("keys-button").addEventListener("click", () => open("keys"));
$("report-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sendReport();
});

installKeys({
  "/": () => { question.focus(); question.select(); },
  "?": () => open("keys"),
  ArrowDown: () => focusExtract(now.chosen + 1),
  ArrowUp: () => focusExtract(now.chosen - 1),
  c: () => copy("resident"),
  f: () => copy("french"),
  l: () => language.focus(),
  e: fullScreen,
  i: print,
  x: wrong,
}, /** @type {HTMLInputElement} */ ($("letters")));

// Typed while the page was still loading.
if (question.value) laterSearch();

const notice = $("notice");
new IntersectionObserver((entries, watcher) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  watcher.disconnect();
  call("/api/v1/staff/disclosure/displayed", {disclosure_id: notice.dataset.disclosure}).catch(fail);
}).observe(notice);
