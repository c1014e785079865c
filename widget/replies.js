/** A turn's answer as an entry of the log, and the forms that it opens. Fetched while the first answer is awaited. */

/** @import { Turn } from "./contract.js" */
/** @import { Scene } from "./entries.js" */

import { emergencyCard, prose, serviceCard, sourcesNote } from "./cards.js";
import { icon, make } from "./dom.js";
import { framed } from "./entries.js";
import { SHAPES } from "./shapes.js";

/** The kinds of replies on which an opinion is asked: nobody in danger is asked whether the numbers pleased. */
const JUDGED = new Set(["answer", "redirect", "abstain", "clarify", "handoff"]);

/**
 * A turn's answer: emergency first, then the messages, where they come from, whom to contact.
 *
 * @param {Turn} turn
 * @param {Scene} scene
 */
export function replyEntry(turn, scene) {
  const { texts, language } = scene;
  const asksForContact = turn.messages.some(({ type }) => type === "form");
  // An answered handoff offers a callback by its form alone: a child gets none. A part that is down sends no form.
  const broughtToPerson = turn.understanding?.kind === "handoff" && turn.status !== "answered";
  const callback = broughtToPerson || asksForContact ? callbackOpener(turn, scene) : null;
  const placeForm = broughtToPerson || asksForContact ? opener(texts.place, SHAPES.place, texts.toolFailed,
    async (close) => (await import("./place.js")).placeForm(scene, close)) : null;
  const notes = turn.status === "relayed" && !turn.messages.length ? texts.relayed : "";
  const after = make("div", { class: "after" });
  const actions = callback && make("div", { class: "callbacks" }, callback, placeForm);
  const entry = make("div", { class: "entry assistant", lang: language, "data-status": turn.status, "data-kind": turn.understanding?.kind },
    make("span", { class: "unseen" }, `${texts.assistant} `),
    turn.emergency && emergencyCard(turn.emergency, texts),
    ...turn.messages.map((message) => framed(message, prose(message, texts))),
    notes && make("div", { class: "notice" }, icon("info"), make("p", {}, notes)),
    turn.sources.length > 0 && sourcesNote(turn.sources, language, texts),
    turn.service ? serviceCard(turn.service, turn.language, texts, actions) : actions,
    after);
  const judged = JUDGED.has(turn.understanding?.kind ?? "") && turn.status !== "relayed" && turn.status !== "degraded";
  import("./feedback.js").then(({ fillAfter }) => fillAfter(after, entry, judged ? turn.turn_id : null, scene))
    .catch(() => undefined); // An answer is worth more than the opinion on it.
  return entry;
}

/**
 * @param {Turn} turn
 * @param {Scene} scene
 */
function callbackOpener(turn, scene) {
  const { texts } = scene;
  const understood = turn.understanding;
  const topic = understood?.about ?? (understood?.kind === "answer" ? understood.topic : null);
  const place = opener(texts.callback, "phone", texts.callbackFailed, async (cancelled) =>
    (await import("./forms.js")).formFor(scene, { topic, ...(turn.service && { service_id: turn.service.id }) }, cancelled));
  const { callback: key } = scene;
  if (key) void import("./follow.js").then(({ followCard }) => place.append(followCard({ texts, language: scene.language, key, follow: scene.onFollow })), () => undefined);
  return place;
}

/**
 * A button that a form takes the place of.
 *
 * @param {string} label
 * @param {Parameters<typeof icon>[0]} drawing
 * @param {string} failed When the form cannot be fetched.
 * @param {(close: () => void) => Promise<HTMLFormElement>} load `close` brings the button back.
 */
function opener(label, drawing, failed, load) {
  const place = make("div", { class: "callback" });
  const close = () => {
    place.replaceChildren(button);
    button.focus();
  };
  const open = async () => {
    try {
      const form = await load(close);
      place.replaceChildren(form);
      form.querySelector("input")?.focus();
    } catch (error) {
      // The gateway may say why there is no form: a child is told whom to call instead.
      const told = /** @type {{problem?: {detail?: string}}} */ (error).problem?.detail;
      place.replaceChildren(button, make("p", { role: "alert", class: "error", dir: "auto" }, told ?? failed));
    }
  };
  const button = make("button", { type: "button", class: "button", onclick: open }, icon(drawing), label);
  place.append(button);
  return place;
}
