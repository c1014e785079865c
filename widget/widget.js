import { GuichetChat } from "./widget/element.js";

if (!customElements.get("guichet-chat")) customElements.define("guichet-chat", GuichetChat);
