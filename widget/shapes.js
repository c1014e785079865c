/** The drawings that only answers need, fetched with them; the others are in dom.js. */

/** @satisfies {Record<string, `M${string}`>} */
export const SHAPES = /** @type {const} */ ({
  mail: "M3.5 6h17v12h-17zM4 7l8 6 8-6",
  place: "M12 21c-4-5-6.5-8-6.5-11a6.5 6.5 0 0 1 13 0c0 3-2.5 6-6.5 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  away: "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
  sound: "M4 9.5v5h3.5L12 18V6L7.5 9.5zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
});
