/**
 * Leaving at once, for a resident who is watched: the screen is emptied, a neutral page takes the place of this one, and
 * the back button does not come back here.
 */

/** The national weather service: a page that anybody may have been reading. */
export const NEUTRAL_PAGE = "https://meteofrance.com/";

const PRESSES = 3;
const WITHIN_MS = 2000;

/**
 * @param {string | null} wished The site's own choice.
 * @returns {string} A web address, whatever was wished.
 */
export function exitAddress(wished) {
  const url = wished && URL.canParse(wished, location.href) ? new URL(wished, location.href) : null;
  return url && /^https?:$/.test(url.protocol) ? url.href : NEUTRAL_PAGE;
}

/** @param {string | null} wished */
export function leave(wished) {
  const address = exitAddress(wished);
  window.speechSynthesis?.cancel();
  // The site's own page tells as much as the conversation: nothing of it is seen while the next one loads.
  document.documentElement.style.setProperty("display", "none", "important");
  document.title = new URL(address).hostname;
  try {
    (window.top ?? window).location.replace(address);
  } catch {
    location.replace(address); // A frame that may not command the whole window.
  }
}

/**
 * Escape closes the panel; pressed three times in two seconds, from the open panel, it leaves. Times are the events'
 * own: a wrong clock changes nothing.
 *
 * @param {() => boolean} open Whether the panel is open: elsewhere the key is the page's.
 * @param {() => void} away
 * @param {AbortSignal} signal
 */
export function watchExitKey(open, away, signal) {
  /** @type {number[]} */
  let presses = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat || event.isComposing) return;
    presses = presses.filter((at) => event.timeStamp - at < WITHIN_MS);
    if (!presses.length && !open()) return;
    presses.push(event.timeStamp);
    if (presses.length === PRESSES) away();
  }, { capture: true, signal });
}
