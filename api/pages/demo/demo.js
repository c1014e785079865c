/** The page's own button opens the assistant: what any website can do with the element. */

const chat = /** @type {any} */ (document.querySelector("guichet-chat"));
const button = document.querySelector("#open-assistant");

customElements.whenDefined("guichet-chat").then(() => {
  button?.removeAttribute("hidden");
  button?.addEventListener("click", () => chat.show());
});
