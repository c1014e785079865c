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
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
  message: "M4 5h16v11H9l-5 4z",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.5v.5",
  exit: "M10 4H5v16h5M9 12h11M15.5 7.5L20 12l-4.5 4.5",
  alert: "M12 4l9 16H3zM12 10v4.5M12 17v.5",
};

/**
 * A decorative drawing: assistive technologies skip it, the text beside it says everything.
 *
 * @param {keyof typeof SHAPES | `M${string}`} shape Its name, or the drawing itself.
 * @returns {SVGSVGElement}
 */
export function icon(shape) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", SHAPES[/** @type {keyof typeof SHAPES} */ (shape)] ?? shape);
  svg.append(path);
  return svg;
}
