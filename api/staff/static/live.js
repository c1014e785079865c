/** « En direct »: the queue on one side, one conversation on the other. State comes from two streams; nothing is guessed. */

import { make } from "/widget/dom.js";
import { newId } from "/widget/ids.js";
import { call as callGateway, Refused, signInAgain } from "./calls.js";
import { chime, isMuted, setMuted } from "./sound.js";
import { fillSummary } from "./summary.js";

const API = "/api/v1/staff/live";
const TITLE = document.title;
/** A stream that the server refused (a session that ended) is opened again at this pace. */
const AGAIN_MS = 5000;
const CLOCK = new Intl.DateTimeFormat("fr", { timeStyle: "short", timeZone: "Europe/Paris" });
const PAGE = /** @type {HTMLElement} */ (document.querySelector(".live"));
const NAME = PAGE.dataset.agent ?? "";
/** @type {Record<string, string>} */
const OUTCOMES = JSON.parse(PAGE.dataset.outcomes ?? "{}");

/** @param {string} id */
const at = (id) => /** @type {any} */ (document.getElementById(id));

/** @type {{available: boolean, queue: any[], mine: any[]} | null} */
let board = null;
/** @type {string | null} The request shown. */
let shown = null;
let lastSeq = 0;
/** @type {EventSource | null} */
let talk = null;
/** @type {Set<string>} Who was waiting when the queue was last seen. */
let known = new Set();

/**
 * @param {string} method
 * @param {string} path
 * @param {object | null} [body]
 * @returns {Promise<any>}
 */
async function call(method, path, body = null) {
  try {
    return await callGateway(API + path, body, { method });
  } catch (error) {
    signInAgain(error);
    throw error;
  }
}

/** @param {unknown} error What the gateway refused, in its own plain words. */
const said = (error) => error instanceof Refused ? error.message : "La demande a échoué. Réessayez.";

/**
 * A stream that comes back by itself, also after the server has refused it.
 *
 * @param {() => string} path
 * @param {Record<string, (data: any, event: MessageEvent) => void>} handlers
 * @param {(source: EventSource) => void} [opened]
 */
function follow(path, handlers, opened) {
  const source = new EventSource(API + path());
  opened?.(source);
  for (const [name, handler] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handler(JSON.parse(event.data), event));
  }
  source.addEventListener("open", () => connection(true));
  source.addEventListener("error", () => {
    connection(false);
    if (source.readyState !== EventSource.CLOSED) return;
    // A stream does not say why it was refused; this call leads to the sign-in page if the session has ended.
    void call("GET", "").catch(() => undefined);
    setTimeout(() => {
      if (!opened || talk === source) follow(path, handlers, opened);
    }, AGAIN_MS);
  });
}

/** @param {boolean} there */
function connection(there) {
  at("connection").textContent = there ? "" : "Connexion coupée, nouvelle tentative…";
  at("connection").classList.toggle("cut", !there);
}

/** @param {any} fresh */
function showBoard(fresh) {
  board = fresh;
  at("available").checked = fresh.available;
  at("available").disabled = false;
  at("queue-count").textContent = fresh.queue.length ? `(${fresh.queue.length})` : "";
  at("queue-empty").hidden = fresh.queue.length > 0;
  at("mine-empty").hidden = fresh.mine.length > 0;
  cards(at("queue"), fresh.queue);
  cards(at("mine"), fresh.mine);
  document.title = fresh.queue.length ? `(${fresh.queue.length}) Quelqu’un attend – ${TITLE}` : TITLE;
  const news = fresh.queue.filter((/** @type {any} */ card) => !known.has(card.handoff_id));
  known = new Set(fresh.queue.map((/** @type {any} */ card) => card.handoff_id));
  if (news.length) alertOf(news);
  if (!shown && fresh.mine[0]) void open(fresh.mine[0].handoff_id);
}

/** @param {any[]} news */
function alertOf(news) {
  at("alert").textContent = `${news.length > 1 ? `${news.length} personnes attendent` : "Une personne attend"} : ${news[0].service}.`;
  chime(news.some((card) => card.urgent) ? [990, 990, 990] : [660]);
}

/**
 * Redraws a list and leaves the focus where it was.
 *
 * @param {HTMLElement} list
 * @param {any[]} all
 */
function cards(list, all) {
  const focused = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.id : null;
  list.replaceChildren(...all.map((card) => make("li", {}, make("button", {
    type: "button", "data-id": card.handoff_id, "aria-current": card.handoff_id === shown ? "true" : null,
    onclick: () => void open(card.handoff_id, true),
  },
    card.urgent && make("span", { class: "why" }, card.urgent),
    make("strong", {}, card.topic ?? "Sujet non précisé"),
    make("span", {}, `${card.service} · ${card.language}`),
    make("span", {}, card.agent ? `En conversation${card.resident_there ? "" : " · l’usager ne répond plus"}`
      : `Attend depuis ${CLOCK.format(new Date(card.waiting_since))}`)))));
  if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-id="${focused}"]`))?.focus();
}

/**
 * @param {string} id
 * @param {boolean} [byAgent] The focus goes to the conversation.
 */
async function open(id, byAgent = false) {
  try {
    show(await call("GET", `/${encodeURIComponent(id)}`), byAgent);
  } catch (error) {
    close(said(error));
  }
}

/**
 * @param {any} detail
 * @param {boolean} [byAgent]
 */
function show(detail, byAgent = false) {
  talk?.close();
  shown = detail.card.handoff_id;
  history.replaceState(null, "", `#${shown}`);
  lastSeq = 0;
  at("talk").hidden = false;
  at("talk-none").hidden = true;
  at("log").replaceChildren();
  // A history is shown, not read aloud.
  at("log").setAttribute("aria-live", "off");
  detail.lines.forEach(addLine);
  setTimeout(() => at("log").setAttribute("aria-live", "polite"), 500);
  if (detail.summary) fillSummary(at("summary"), detail.summary, OUTCOMES);
  at("before").hidden = !detail.summary;
  // Open until the agent has written: who takes a request must know what it is about.
  at("before").open = !detail.lines.some((/** @type {any} */ line) => line.speaker === "person" && line.kind === "message");
  at("request").href = `/staff/requests/${encodeURIComponent(detail.card.handoff_id)}`;
  at("service").replaceChildren(make("option", { value: "" }, "Choisir…"), ...detail.services.map((/** @type {any} */ each) =>
    make("option", { value: each.id }, each.available ? `${each.name} (un agent est là)` : each.name)));
  showCard(detail.card);
  if (board) showBoard(board);
  if (byAgent) (canWrite(detail.card) ? at("text") : at("talk-title")).focus();
  const id = shown;
  follow(() => `/${encodeURIComponent(id ?? "")}/events?after=${lastSeq}`, {
    line: addLine,
    card: showCard,
    gone: () => close("Cette demande n’est plus dans vos services, ou l’usager a effacé la conversation."),
  }, (source) => { talk = source; });
}

/** @param {any} card */
const canWrite = (card) => card.state === "taken" && card.agent === NAME && mine(card.handoff_id);

/** @param {string} id */
const mine = (id) => board === null || board.mine.some((card) => card.handoff_id === id) || taken.has(id);
/** @type {Set<string>} Taken from this page: the board may not tell it yet. */
const taken = new Set();

/** @param {any} card */
function showCard(card) {
  at("talk-title").textContent = card.topic ?? "Demande en direct";
  at("talk-facts").textContent = [card.service, `Langue de l’usager : ${card.language}`,
    card.state === "taken" && !card.resident_there && "L’usager ne répond plus pour le moment"].filter(Boolean).join(" · ");
  at("talk-urgent").hidden = !card.urgent;
  at("talk-urgent").textContent = card.urgent ?? "";
  at("talk-child").hidden = !card.child;
  const writes = canWrite(card);
  at("write").hidden = !writes;
  at("take").hidden = card.state !== "waiting";
  at("end").hidden = at("forward").hidden = !writes;
  if (!writes) at("forwarding").hidden = true;
  at("talk-status").textContent = card.state === "taken" && !writes ? `${card.agent} a cette conversation.` : "";
}

/** @param {any} line */
function addLine(line) {
  if (line.seq <= lastSeq) return;
  lastSeq = line.seq;
  const own = line.client_message_id && at("log").querySelector(`[data-message="${CSS.escape(line.client_message_id)}"]`);
  own?.remove();
  if (line.kind === "ended") taken.delete(shown ?? "");
  const who = { resident: "Usager", person: "Agent", system: "Information" }[/** @type {"resident"} */ (line.speaker)];
  append(lineOf(line.speaker, line.kind, who, line.text, line.direction, CLOCK.format(new Date(line.at))));
}

/**
 * @param {string} speaker
 * @param {string} kind
 * @param {string} who
 * @param {string} text
 * @param {string} direction
 * @param {string} note
 */
function lineOf(speaker, kind, who, text, direction, note) {
  return make("div", { class: `line ${speaker} ${kind}` }, make("small", {}, `${who} · ${note}`), make("p", { dir: direction }, text));
}

/** @param {HTMLElement} line */
function append(line) {
  const log = at("log");
  log.append(line);
  log.scrollTop = log.scrollHeight;
}

/** @param {string} why */
function close(why) {
  talk?.close();
  talk = null;
  shown = null;
  history.replaceState(null, "", location.pathname);
  at("talk").hidden = true;
  at("talk-none").hidden = false;
  at("talk-none").textContent = why;
}

/**
 * What is written stays on the screen until the stream brings it back: nothing is lost without being seen.
 *
 * @param {string} text
 * @param {string} id
 */
async function send(text, id) {
  const line = lineOf("person", "message", "Agent", text, "auto", "envoi…");
  line.dataset.message = id;
  append(line);
  try {
    await call("POST", `/${shown}/messages`, { text, client_message_id: id });
    /** @type {HTMLElement} */ (line.querySelector("small")).textContent = "Agent · envoyé";
  } catch (error) {
    line.classList.add("unsent");
    line.append(make("small", {}, `Non envoyé : ${said(error)} `), make("button", { type: "button", class: "quiet", onclick: () => {
      line.remove();
      void send(text, id);
    } }, "Renvoyer"));
  }
}

/** @param {() => Promise<void>} work */
async function tried(work) {
  try {
    at("talk-status").textContent = "";
    await work();
  } catch (error) {
    at("talk-status").textContent = said(error);
  }
}

at("available").addEventListener("change", () => tried(async () => showBoard(await call("POST", "/availability", { available: at("available").checked }))));
at("sound").checked = !isMuted();
at("sound").addEventListener("change", () => setMuted(!at("sound").checked));
at("write").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text) return;
  at("text").value = "";
  void send(text, newId());
});
at("text").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("write").requestSubmit();
});
at("take").addEventListener("click", () => tried(async () => {
  const id = /** @type {string} */ (shown);
  taken.add(id);
  try {
    show(await call("POST", `/${id}/take`), true);
  } catch (error) {
    taken.delete(id);
    await open(id);
    throw error;
  }
}));
at("end").addEventListener("click", () => tried(async () => {
  if (!confirm("Terminer l’échange ? L’assistant reprendra la conversation.")) return;
  showCard(await call("POST", `/${shown}/end`));
}));
at("forward").addEventListener("click", () => {
  at("forwarding").hidden = false;
  at("before").open = false; // An old screen has no room for both.
  at("service").focus();
});
at("forward-cancel").addEventListener("click", () => {
  at("forwarding").hidden = true;
  at("forward").focus();
});
at("forwarding").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  void tried(async () => {
    const id = /** @type {string} */ (shown);
    await call("POST", `/${id}/forward`, { service_id: at("service").value });
    taken.delete(id);
    close("La personne est transférée : elle attend dans la file du service choisi.");
  });
});

follow(() => "/events", { board: showBoard, beat: () => void call("POST", "/seen").catch(() => undefined) });
if (location.hash.length > 1) void open(decodeURIComponent(location.hash.slice(1)));
