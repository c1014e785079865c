/** The print button, which is of no use without JavaScript: the page prints all the same. */

const button = document.querySelector("#print");
button?.addEventListener("click", () => window.print());
button?.removeAttribute("hidden");
