/**
 * Talking to a person: the queue, who has joined, what is said, and the way back to the assistant. Loaded when it is first
 * needed. Who speaks is always written: the person by their name and service, the assistant as an AI.
 */

/** @import { Gateway, Session } from "./api.js" */
/** @import { LiveLine, LiveNow, Transcript } from "./contract.js" */
/** @import { Scene } from "./entries.js" */
/** @import { Panel } from "./panel.js" */

import { prose, serviceCard } from "./cards.js";
import { icon, make } from "./dom.js";
import { noticeEntry, residentEntry } from "./entries.js";
import { newId } from "./ids.js";
import { Stream } from "./stream.js";
import { liveSheet } from "./styles/live.js";
import { liveTexts, nameOf } from "./texts/live.js";
import { unbroken } from "./typography.js";

/** Phases in which there is something to follow. */
const RUNNING = new Set(["waiting", "with_person"]);

export class Live {
  #gateway;
  #panel;
  #session;
  #scene;
  /** @type {LiveNow | null} */
  #now = null;
  /** @type {Stream | null} */
  #stream = null;
  #last = 0;
  #bar = make("div", { class: "live-bar", hidden: true });
  #said = make("p", { role: "status" });
  #cut = make("p", { class: "quiet", role: "status", hidden: true });
  #leave = make("button", { type: "button", class: "button", onclick: () => void this.#back() });

  /**
   * @param {object} parts
   * @param {Gateway} parts.gateway
   * @param {Panel} parts.panel
   * @param {() => Session | null} parts.session
   * @param {() => Scene} parts.scene
   */
  constructor({ gateway, panel, session, scene }) {
    this.#gateway = gateway;
    this.#panel = panel;
    this.#session = session;
    this.#scene = scene;
    const root = /** @type {ShadowRoot} */ (panel.root.getRootNode());
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, liveSheet()];
    this.#bar.append(icon("person"), make("div", {}, this.#said, this.#cut), this.#leave);
    panel.root.querySelector(".composer")?.before(this.#bar);
  }

  /** @returns {boolean} A person has the conversation. */
  get talking() {
    return this.#now?.phase === "with_person";
  }

  /**
   * @param {string | null} topic
   * @param {string | null} service Of the turn that offers it.
   * @returns {HTMLElement} The button that asks for a person, in an entry of its own.
   */
  offer(topic, service) {
    const { language } = this.#scene();
    const texts = liveTexts(language);
    const failed = make("p", { class: "error", role: "alert" });
    const ask = make("button", { type: "button", class: "button filled", onclick: async () => {
      if (ask.getAttribute("aria-disabled")) return;
      ask.setAttribute("aria-disabled", "true");
      failed.textContent = "";
      try {
        await this.#ask(topic, service);
        entry.remove();
      } catch {
        ask.removeAttribute("aria-disabled");
        failed.textContent = texts.failed;
      }
    } }, icon("person"), texts.ask);
    const entry = make("div", { class: "entry live-offer", lang: language }, ask, failed);
    return entry;
  }

  /**
   * @param {string | null} topic
   * @param {string | null} service_id
   */
  async #ask(topic, service_id) {
    const session = this.#session();
    if (!session) return;
    const { live } = await this.#gateway.handoff(session, { kind: "live", topic, service_id, client_message_id: newId() });
    if (!live) return;
    this.#panel.focusLog();
    if (RUNNING.has(live.phase)) {
      this.#show(live);
      this.#follow(0);
      return;
    }
    const { texts, language } = this.#scene();
    const action = live.callback ? this.#callback(topic) : null;
    const entry = make("div", { class: "entry assistant", lang: language, "data-live": live.phase },
      make("div", { class: "notice" }, icon("info"), prose(live.message, texts)),
      serviceCard(live.service, live.message.lang, texts, action));
    this.#panel.add(entry);
    this.#panel.reveal(entry);
  }

  /**
   * A conversation read again: what was said with a person takes its place among the turns.
   *
   * @param {Transcript} transcript
   */
  resume({ turns, live, live_lines: lines }) {
    if (!live) return;
    const log = /** @type {HTMLElement} */ (this.#panel.root.querySelector("[role=log]"));
    const asked = [...log.querySelectorAll(".entry.resident")];
    const relayed = new Set((lines ?? []).map(({ turn_id }) => turn_id).filter(Boolean));
    const added = [];
    for (const line of lines ?? []) {
      const next = turns.findIndex(({ received_at }) => Date.parse(received_at) > Date.parse(line.at));
      const entry = this.#entry(line);
      added.push(entry);
      log.insertBefore(entry, next >= 0 ? asked[next] ?? null : null);
    }
    turns.forEach(({ turn_id, reply }, place) => {
      // In clear while the talk goes on: the line stands for the masked text of the turn.
      if (!relayed.has(turn_id)) return;
      const answer = asked[place]?.nextElementSibling;
      if (reply && !reply.emergency && answer?.matches("[data-status=relayed]")) answer.remove();
      asked[place]?.remove();
    });
    this.#last = lines?.at(-1)?.seq ?? 0;
    this.#show(live);
    if (RUNNING.has(live.phase)) this.#follow(live.last_seq);
    added.at(-1)?.scrollIntoView({ block: "nearest" });
  }

  stop() {
    this.#stream?.close();
    this.#stream = null;
    this.#now = null;
    this.#last = 0;
    this.#bar.hidden = true;
    this.#panel.writeTo(null);
  }

  /** @param {number} after */
  #follow(after) {
    this.#stream?.close();
    const session = this.#session();
    if (!session) return;
    this.#stream = new Stream({
      connect: (lastId, signal) => this.#gateway.events(session, lastId, signal),
      lastId: `live-${after}`,
      told: ({ event, data }) => {
        if (event === "live") this.#line(data);
        else if (event === "live-state") this.#show(data);
        else if (event === "beat") void this.#gateway.seen(session).catch(() => undefined);
      },
      connected: (there) => {
        this.#cut.hidden = there;
        this.#cut.textContent = there ? "" : liveTexts(this.#scene().language).cut;
      },
      gone: () => this.stop(),
    });
  }

  /** @param {LiveLine} line */
  #line(line) {
    if (line.seq <= this.#last) return;
    this.#last = line.seq;
    if (line.speaker === "resident" && line.client_message_id && this.#gateway.sent.has(line.client_message_id)) return;
    const entry = this.#entry(line);
    this.#panel.add(entry);
    this.#panel.reveal(entry);
  }

  /** @param {LiveLine} line */
  #entry(line) {
    const scene = this.#scene();
    const { language, texts } = scene;
    if (line.speaker === "resident") return residentEntry(line.message.text, scene);
    if (line.speaker === "system") {
      const entry = noticeEntry(line.message.text, scene);
      entry.dataset.live = line.kind;
      entry.lang = line.message.lang;
      entry.dir = line.message.dir ?? "auto";
      if (line.callback) entry.append(this.#callback(null));
      return entry;
    }
    const who = line.person ? nameOf(line.person, language) : texts.human;
    return make("div", { class: "entry person", lang: language },
      make("p", { class: "who" }, icon("person"), make("span", {}, who)),
      make("p", { class: "bubble plain", lang: "", dir: "auto" }, line.message.text));
  }

  /** @param {LiveNow} now */
  #show(now) {
    this.#now = now;
    const running = RUNNING.has(now.phase);
    this.#bar.hidden = !running;
    const { person } = now;
    this.#panel.writeTo(this.talking && person ? (language) => {
      return { who: nameOf(person, language), field: liveTexts(language).message };
    } : null);
    const { lang, dir, text } = now.message;
    this.#said.lang = lang;
    this.#said.dir = dir ?? "auto";
    if (this.#said.textContent !== unbroken(text)) this.#said.textContent = unbroken(text);
    this.#leave.textContent = liveTexts(this.#scene().language).leave;
    if (running) return;
    // The line that says why it ended comes with the state, or before it.
    this.#stream?.close();
    this.#stream = null;
  }

  /**
   * @param {string | null} topic
   * @returns {HTMLElement} A button that opens the form of a callback in its place.
   */
  #callback(topic) {
    const scene = this.#scene();
    const { texts } = scene;
    const place = make("div", { class: "callback" });
    const cancelled = () => {
      place.replaceChildren(opener);
      opener.focus();
    };
    const opener = make("button", { type: "button", class: "button", onclick: async () => {
      try {
        const form = await (await import("./forms.js")).formFor(scene, { topic }, cancelled);
        place.replaceChildren(form);
        form.querySelector("input")?.focus();
      } catch {
        place.replaceChildren(opener, make("p", { role: "alert", class: "error" }, texts.callbackFailed));
      }
    } }, icon("phone"), texts.callback);
    place.append(opener);
    return place;
  }

  async #back() {
    const session = this.#session();
    if (!session) return this.stop();
    try {
      const now = await this.#gateway.leaveLive(session);
      const { live_lines: lines } = await this.#gateway.transcript(session);
      for (const line of lines ?? []) this.#line(line);
      this.#show(now);
      this.#panel.focusLog();
    } catch {
      this.#cut.hidden = false;
      this.#cut.textContent = liveTexts(this.#scene().language).failed;
    }
  }
}
