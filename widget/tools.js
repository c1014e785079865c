/** The options of the panel: size of the text, the conversation to take away, how a service is chosen. Fetched when they are asked for. */

/** @import { Conversation } from "./conversation.js" */
/** @import { Panel } from "./panel.js" */

import { GATEWAY } from "./api.js";
import { make } from "./dom.js";
import { TEXT_SIZES } from "./panel.js";
import { addStyles } from "./styles/later.js";
import { fill, loadToolTexts } from "./texts/index.js";
import { asText, copy, download, print } from "./transcript.js";

/**
 * @param {HTMLElement} place
 * @param {object} parts
 * @param {Conversation} parts.conversation
 * @param {Panel} parts.panel
 * @param {(size: number) => void} parts.onSize
 * @param {boolean} parts.atKiosk A shared computer keeps no file and no clipboard of anybody's.
 */
export async function fillOptions(place, { conversation, panel, onSize, atKiosk }) {
  const { language } = conversation;
  const texts = await loadToolTexts(language);
  addStyles(panel.root.getRootNode());
  const resize = (/** @type {number} */ step) => () => {
    panel.size += step;
    onSize(panel.size);
    limits();
    panel.rest(fill(texts.textSize, { percent: TEXT_SIZES[panel.size] ?? 100 }));
  };
  const smaller = button(texts.smaller, resize(-1));
  const larger = button(texts.larger, resize(1));
  const limits = () => {
    // Not `disabled`: the focus would be lost with the last step.
    smaller.toggleAttribute("aria-disabled", panel.size === 0);
    larger.toggleAttribute("aria-disabled", panel.size === TEXT_SIZES.length - 1);
    for (const each of [smaller, larger]) if (each.hasAttribute("aria-disabled")) each.setAttribute("aria-disabled", "true");
  };
  limits();
  const take = (/** @type {(text: string) => void | Promise<void>} */ how, /** @type {string} */ done) => async () => {
    try {
      await how(asText(await conversation.transcript(), conversation.texts, language));
      panel.rest(done, Boolean(done));
    } catch {
      panel.rest(conversation.texts.toolFailed, true);
    }
  };
  const page = (/** @type {string} */ path, /** @type {string} */ label) =>
    make("a", { href: new URL(path, GATEWAY).href, target: "_blank", rel: "noopener" },
      label, make("span", { class: "unseen" }, ` (${conversation.texts.newWindow})`));
  const heading = panel.heading;
  const direction = panel.root.dir;
  place.replaceChildren(make("div", { class: "options", role: "group", "aria-label": conversation.texts.options },
    smaller, larger,
    !atKiosk && button(texts.download, take((text) => download(text, `${texts.fileName}.txt`), texts.downloaded)),
    !atKiosk && button(texts.copy, take((text) => copy(text, panel.root), texts.copied)),
    button(texts.print, take((text) => print(text, heading, language, direction), "")),
    page(`routing?language=${language}`, texts.routing),
    page("accessibilite", texts.accessibility)));
}

/**
 * @param {string} label
 * @param {() => void} onclick
 */
function button(label, onclick) {
  return make("button", { type: "button", class: "small-button", onclick: (/** @type {MouseEvent} */ event) => {
    if (!(/** @type {HTMLElement} */ (event.currentTarget)).hasAttribute("aria-disabled")) onclick();
  } }, label);
}
