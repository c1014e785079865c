/** The numbers that the widget carries itself, for when the gateway cannot be reached. Their labels are in texts/. */

/** @import { Texts } from "./texts/index.js" */

/** @type {{number: keyof Texts["numbers"], uri: string}[]} */
export const EMERGENCY_NUMBERS = [
  { number: 15, uri: "tel:15" },
  { number: 17, uri: "tel:17" },
  { number: 18, uri: "tel:18" },
  { number: 112, uri: "tel:112" },
  { number: 114, uri: "sms:114" },
  { number: 115, uri: "tel:115" },
  { number: 119, uri: "tel:119" },
  { number: 3919, uri: "tel:3919" },
  { number: 3114, uri: "tel:3114" },
  { number: 3977, uri: "tel:3977" },
];
