/** Builds the DOM node by node: no HTML string is ever parsed here, so that a strict CSP and Trusted Types both hold. */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [props] Attributes;
 *   a function is a listener (`onclick`); null, undefined and false leave the attribute out.
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/** Shapes on a 24 x 24 grid, drawn with strokes in the colour of the text. */
const SHAPES = {
  chat: "M4 5h16v11H9l-5 4zM8 9h8M8 12.5h5",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12l16-8-5 16-3-7zM12 13l8-9",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-5.5 8-5.5s7 1.5 8 5.5",
  phone: "M5 4h4l1.5 5-2.5 1.5a12 12 0 0 0 5.5 5.5L15 13.5l5 1.5v4c0 1-1 1.5-2 1.5C10.5 20.5 3.5 13.5 3.5 6c0-1 .5-2 1.5-2z",
  mail: "M3.5 6h17v12h-17zM4 7l8 6 8-6",
  place: "M12 21c-4-5-6.5-8-6.5-11a6.5 6.5 0 0 1 13 0c0 3-2.5 6-6.5 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
  message: "M4 5h16v11H9l-5 4z",
  away: "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.5v.5",
  alert: "M12 4l9 16H3zM12 10v4.5M12 17v.5",
};

/**
 * A decorative drawing: assistive technologies skip it, the text beside it says everything.
 *
 * @param {keyof typeof SHAPES} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}
