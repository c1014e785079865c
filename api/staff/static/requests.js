/**
 * New requests are told by a sound, the page's title and a line that leads to them. Everything else works without
 * this file. The page asks again and again rather than keep a stream open: an agent's page stays open all day.
 */

import { chime, isMuted, setMuted } from "./sound.js";

/** @typedef {{open: number, latest: string | null}} Pulse */

const alerts = /** @type {HTMLElement} */ (document.getElementById("alerts"));
const news = /** @type {HTMLElement} */ (document.getElementById("news"));
const mute = /** @type {HTMLButtonElement} */ (document.getElementById("mute"));
const title = document.title;
const seconds = Number(alerts.dataset.seconds);

let told = alerts.dataset.latest ? Date.parse(alerts.dataset.latest) : 0;

function showMute() {
  mute.hidden = false;
  mute.setAttribute("aria-pressed", String(isMuted()));
  mute.textContent = isMuted() ? "Son coupé" : "Couper le son";
}

/** @param {string} words @param {boolean} [link] */
function say(words, link = false) {
  const line = link ? Object.assign(document.createElement("a"), { href: "/staff/requests" }) : document.createElement("span");
  line.textContent = words;
  news.replaceChildren(line);
}

/** @param {Pulse} pulse */
function tell(pulse) {
  const latest = pulse.latest ? Date.parse(pulse.latest) : 0;
  if (latest <= told) return;
  told = latest;
  document.title = `(${pulse.open}) Nouvelle demande – ${title}`;
  say("Une nouvelle demande est arrivée : voir les demandes", true);
  chime([660, 880]);
}

async function look() {
  try {
    const answer = await fetch("/api/v1/staff/requests/pulse", { headers: { Accept: "application/json" } });
    if (answer.status === 401) {
      say("Votre session est terminée. Rechargez la page pour vous connecter.");
      return;
    }
    if (answer.ok) tell(/** @type {Pulse} */ (await answer.json()));
  } catch {
    // The network is down for a moment: the next look will tell.
  }
  setTimeout(look, seconds * 1000);
}

mute.addEventListener("click", () => {
  setMuted(!isMuted());
  showMute();
});
showMute();
setTimeout(look, seconds * 1000);
