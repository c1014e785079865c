// Keys of one letter: outside the fields and the dialogs, and only while they are wanted (WCAG 2.1.4).
// @ts-check

const FIELDS = "input, textarea, select, [contenteditable]";
const CHOICE = "guichet-staff-letters";

/**
 * @param {Record<string, () => void>} actions by key
 * @param {HTMLInputElement} wanted the box that switches them on and off
 */
export function installKeys(actions, wanted) {
  wanted.checked = localStorage.getItem(CHOICE) !== "off";
  wanted.addEventListener("change", () => localStorage.setItem(CHOICE, wanted.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!wanted.checked || document.querySelector("dialog[open]")) return;
    if (event.target instanceof Element && event.target.closest(FIELDS)) return;
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", closeDialogs);
  }
}

export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
}
