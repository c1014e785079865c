/**
 * Writes vendor/purify.js from the dompurify package of node_modules: `npm run vendor`, after changing its version in
 * package.json. With --check it only says whether the file is up to date (exit status 1 when it is not).
 */

import { readFileSync, writeFileSync } from "node:fs";

const from = new URL("../node_modules/dompurify/", import.meta.url);
const target = new URL("purify.js", import.meta.url);
const { version, license } = JSON.parse(readFileSync(new URL("package.json", from), "utf8"));
const source = readFileSync(new URL("dist/purify.min.js", from), "utf8").replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "");

const vendored = `// @ts-nocheck
// DOMPurify ${version}, dist/purify.min.js of the npm package, unchanged between the two marks. Licence: ${license}.
// Wrapped so that a module can import it without a global variable. Written by vendor/update.js.
const module = { exports: {} };
const exports = module.exports;
// <<<
${source}
// >>>
export default module.exports;
`;

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== vendored) {
    console.error("vendor/purify.js is not what node_modules/dompurify gives: run `npm run vendor`");
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, vendored);
}
