/** @import { Panel } from "./panel.js" */
/** @import { Texts } from "./texts/index.js" */

/**
 * Erasing is asked twice; who has asked to be called back chooses what becomes of that.
 *
 * @param {Panel} panel
 * @param {Texts} texts
 * @param {boolean} withCallback
 * @param {(callbacks: "keep" | "cancel") => unknown} erase
 */
export function askToErase(panel, texts, withCallback, erase) {
  const keeping = { label: withCallback ? texts.eraseKeeping : texts.eraseYes, action: () => erase("keep") };
  const all = { label: texts.eraseAll, action: () => erase("cancel") };
  panel.confirm(texts.eraseQuestion, withCallback ? [keeping, all] : [keeping], texts.cancel);
}
