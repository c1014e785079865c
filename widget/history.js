/** A conversation read again from the gateway, as entries of the log. */

/** @import { Recorded, Transcript } from "./contract.js" */
/** @import { Scene } from "./entries.js" */
/** @import { Letter, Outgoing } from "./outbox.js" */

import { residentEntry } from "./entries.js";
import { replyEntry } from "./replies.js";

/**
 * @param {Recorded[]} turns
 * @param {Scene} scene
 */
export function pastEntries(turns, scene) {
  return turns.flatMap(({ text, reply }) => [residentEntry(text, scene), ...(reply ? [replyEntry(reply, scene)] : [])]);
}

/**
 * What must be sent after a reload: the message that was still being answered, then those that had not left the tab.
 *
 * @param {Transcript} transcript
 * @param {HTMLElement[]} log Its entries.
 * @param {Outgoing[]} kept By the tab.
 * @param {readonly Letter[]} waiting Already in the outbox.
 * @param {Scene} scene
 * @returns {{letters: Letter[], added: HTMLElement[]}} `added`: the entries that are not in the log yet.
 */
export function unsent({ turns }, log, kept, waiting, scene) {
  const last = turns.at(-1);
  const letters = /** @type {Letter[]} */ ([]);
  if (last?.client_message_id && !last.reply) {
    const { text, client_message_id } = last;
    letters.push({ message: { text, client_message_id }, entry: /** @type {HTMLElement} */ (log.at(-1)) });
  }
  const here = new Set([...turns, ...waiting.map(({ message }) => message)].map(({ client_message_id }) => client_message_id));
  const added = kept.filter(({ client_message_id }) => !here.has(client_message_id))
    .map((message) => ({ message, entry: residentEntry(message.text, scene) }));
  return { letters: [...letters, ...added], added: added.map(({ entry }) => entry) };
}
