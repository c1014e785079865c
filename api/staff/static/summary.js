// What was asked and answered before a person came, in French, drawn from what the gateway extracted.

import { make } from "/widget/dom.js";

/**
 * @typedef {{id: string, name: string}} Named
 * @typedef {{article_id: string, title: string, section: string | null, written: string | null, reviewed: string | null, url: string | null}} Article
 * @typedef {{at: string, asked: string, language: string, direction: string, outcome: string, articles: Article[], service: string | null, danger: Named | null}} Exchange
 * @typedef {{languages: Named[], place: string | null, topics: Named[], dangers: Named[], exchanges: Exchange[], earlier: number}} Summary
 */

const CLOCK = new Intl.DateTimeFormat("fr", { timeStyle: "short", timeZone: "Europe/Paris" });
const DAYS = new Intl.DateTimeFormat("fr", { dateStyle: "long", timeZone: "UTC" });

/**
 * @param {HTMLElement} place
 * @param {Summary} summary
 * @param {Record<string, string>} outcomes How each outcome is said.
 */
export function fillSummary(place, summary, outcomes) {
  const { languages, topics, dangers, exchanges, earlier } = summary;
  const parts = [
    dangers.length > 0 && make("p", { class: "note fault" }, make("strong", {}, "Danger signalé : "), `${list(dangers)}. Les numéros d’urgence ont été donnés.`),
    make("dl", { class: "facts" },
      make("dt", {}, "Langue"), make("dd", {}, list(languages)),
      make("dt", {}, "Lieu"), make("dd", {}, summary.place ?? "non précisé"),
      make("dt", {}, "Sujets"), make("dd", {}, list(topics) || "non précisés")),
    earlier > 0 && make("p", { class: "help" }, `${earlier} échange${earlier > 1 ? "s" : ""} plus ancien${earlier > 1 ? "s" : ""} non affiché${earlier > 1 ? "s" : ""}.`),
    make("ol", { class: "exchanges" }, ...exchanges.map((each) => exchange(each, outcomes))),
    make("p", { class: "help" }, "Extrait de la conversation : rien n’est rédigé par l’intelligence artificielle. Les données personnelles sont masquées."),
  ];
  place.replaceChildren(...parts.filter((part) => part !== false));
}

/**
 * @param {Exchange} said
 * @param {Record<string, string>} outcomes
 */
function exchange(said, outcomes) {
  const what = [outcomes[said.outcome] ?? said.outcome, said.danger && `(${said.danger.name})`, said.service && `: ${said.service}`].filter(Boolean).join(" ");
  return make("li", {},
    make("blockquote", { lang: said.language, dir: said.direction }, said.asked || "…"),
    make("p", { class: "outcome" }, `${CLOCK.format(new Date(said.at))} · ${what}${said.articles.length ? " :" : ""}`),
    said.articles.length > 0 && make("ul", {}, ...said.articles.map((article) => make("li", {}, source(article), details(article)))));
}

/** @param {Article} article */
function source({ url, title }) {
  if (!url) return title;
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, title, make("span", { class: "unseen" }, " (nouvelle fenêtre)"));
}

/** @param {Article} article */
function details({ section, written, reviewed }) {
  const told = [section, written && `écrit le ${DAYS.format(new Date(written))}`, !reviewed && "pas encore relu"].filter(Boolean);
  return told.length ? `, ${told.join(", ")}` : "";
}

/** @param {Named[]} named */
function list(named) {
  return named.map(({ name }) => name).join(" ; ");
}
