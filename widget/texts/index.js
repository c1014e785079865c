/**
 * The languages of the widget. To add one: its file beside this one and one in tools/, with the keys of fr.js, and a line here.
 *
 * @typedef {typeof import("./fr.js").default} Texts
 * @typedef {typeof import("./tools/fr.js").default} ToolTexts What only tools that come at use say; in tools/.
 * @typedef {{name: string, direction: "ltr" | "rtl"}} Language `name` is the language's own name for itself.
 */

/** @type {Record<string, Language>} */
export const LANGUAGES = {
  fr: { name: "Français", direction: "ltr" },
  en: { name: "English", direction: "ltr" },
  es: { name: "Español", direction: "ltr" },
  pt: { name: "Português", direction: "ltr" },
  it: { name: "Italiano", direction: "ltr" },
  de: { name: "Deutsch", direction: "ltr" },
  ar: { name: "العربية", direction: "rtl" },
  tr: { name: "Türkçe", direction: "ltr" },
  ro: { name: "Română", direction: "ltr" },
  uk: { name: "Українська", direction: "ltr" },
};

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ps", "ur"]);

/**
 * @param {string} language
 * @returns {"ltr" | "rtl"}
 */
export function directionOf(language) {
  return RIGHT_TO_LEFT.has(language.toLowerCase().split("-")[0] ?? "") ? "rtl" : "ltr";
}

/**
 * @param {string | null} list What the site asks for, by preference: « fr en ».
 * @returns {string[]} Those the widget has; all of them when the list names none.
 */
export function languagesIn(list) {
  const asked = (list ?? "").toLowerCase().split(/[\s,]+/).filter((code) => code in LANGUAGES);
  return asked.length ? [...new Set(asked)] : Object.keys(LANGUAGES);
}

/**
 * @param {(string | null | undefined)[]} wishes Language tags, the strongest wish first: « en-GB », null…
 * @param {string[]} offered
 * @returns {string} The first wish that is offered, else the first language offered.
 */
export function pickLanguage(wishes, offered) {
  for (const wish of wishes) {
    const code = wish?.toLowerCase().split("-")[0];
    if (code && offered.includes(code)) return code;
  }
  return offered[0] ?? "fr";
}

/**
 * @param {string} language One of LANGUAGES.
 * @returns {Promise<Texts>}
 */
export async function loadTexts(language) {
  return (await import(`./${language}.js`)).default;
}

/**
 * @param {string} language One of LANGUAGES.
 * @returns {Promise<ToolTexts>}
 */
export async function loadToolTexts(language) {
  return (await import(`./tools/${language}.js`)).default;
}

/**
 * @param {string} text With `{name}` where a value goes.
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
