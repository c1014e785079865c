/** What is not seen before the first answer: its blocks, the forms, the tools that come at use. */

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(/* css */ `
.rich { overflow-wrap: anywhere; overflow-x: auto; }
.rich > * + * { margin-block-start: .625em; }
.rich :is(h2, h3, h4) { font-size: 1em; font-weight: 650; line-height: 1.35; margin-block-start: 1em; }
.rich :is(ul, ol) { padding-inline-start: 1.375em; }
.rich ul { list-style: disc; }
.rich ol { margin: 0; margin-block-start: .625em; }
.rich li + li { margin-block-start: .3125em; }
.rich li::marker { color: var(--link); font-weight: 600; }
.rich blockquote { padding-inline-start: .75em; border-inline-start: 3px solid var(--line); }
.rich table { border-collapse: collapse; font-size: .9375em; }
.rich :is(th, td) { padding: .25em .5em; border: 1px solid var(--line); text-align: start; }
a .icon { inline-size: .875em; block-size: .875em; margin-inline-start: .1875em; vertical-align: -.0625em; }
a:dir(rtl) .icon { transform: scaleX(-1); }

.lines { display: grid; gap: .375em; font-size: .9375em; line-height: 1.45; }
.lines li { display: flex; gap: .625em; align-items: start; position: relative; }
.lines > li > .icon { color: var(--quiet); margin-block-start: .0625em; }
.lines a { display: inline-block; min-block-size: 1.75em; overflow-wrap: anywhere; }

.emergency { border: 2px solid var(--alert); background: var(--alert-ground); }
.emergency > p { font-weight: 600; }
.emergency .number { background: var(--alert); color: var(--paper); font-size: 1.125em; }
.emergency .numbers li { grid-template-columns: 6em minmax(0, 1fr); }

.sources { font-size: .9375em; }
summary { display: inline-flex; align-items: center; gap: .375em; min-block-size: 2em; padding-inline: .25em; margin-inline-start: -.25em; border-radius: .25em; color: var(--link); cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ""; inline-size: .4375em; block-size: .4375em; border: solid currentColor; border-width: 0 2px 2px 0; transform: rotate(-45deg); margin-inline: .125em .25em; }
summary:dir(rtl)::before { transform: rotate(135deg); }
details[open] > summary::before { transform: rotate(45deg); }
.sources ul { display: grid; gap: .875em; padding-block: .375em .25em; padding-inline-start: .875em; border-inline-start: 3px solid var(--line); }
.sources li { display: grid; gap: .1875em; }
.sources blockquote { font-size: .9375em; color: var(--quiet); }

.callbacks { display: flex; flex-wrap: wrap; gap: .5em; }
.callback { display: grid; justify-items: start; }
.callback:has(form) { flex: 1 0 100%; }
.after { display: grid; gap: .5em; }
.after:empty { display: none; }
.after-row, .helpful { display: flex; flex-wrap: wrap; align-items: center; gap: .5em; font-size: .9375em; }
.reasons { padding: .75em; border: 1px solid var(--line); border-radius: .75em; }
.form textarea { min-block-size: 4.5em; border: 1px solid var(--edge); border-radius: .5em; background: var(--paper); }
.form textarea:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.form { display: grid; gap: .875em; inline-size: 100%; padding-block-start: .75em; border-block-start: 1px solid var(--line); }
.field { display: grid; gap: .25em; }
.form label, .form legend { font-size: .9375em; font-weight: 600; line-height: 1.4; }
.form .option { display: flex; gap: .625em; align-items: start; min-block-size: 1.75em; padding-block: .125em; font-weight: 400; }
.form select, .form input:not([type=radio], [type=checkbox]) { inline-size: 100%; min-block-size: 2.75em; padding-inline: .75em; border: 1px solid var(--edge); border-radius: .5em; background: var(--paper); }
.form :is([type=radio], [type=checkbox]) { flex: none; inline-size: 1.25em; block-size: 1.25em; margin: .0625em 0 0; accent-color: var(--link); }
.form [aria-invalid] { outline: 2px solid var(--alert); }
.error { color: var(--alert); font-size: .875em; font-weight: 600; }
.outcome { font-size: .9375em; }
.outcome:empty { display: none; }
.receipt { font-weight: 600; padding: .75em .875em; border-radius: .5em; background: var(--ground); justify-self: stretch; }
.follow { display: grid; gap: .5em; margin-block-start: .5em; font-weight: 400; }

.small-button { display: inline-flex; align-items: center; gap: .375em; min-block-size: 2.25em; padding: .25em .75em; border: 1px solid var(--edge); border-radius: .5em; background: var(--paper); color: var(--link); font-size: .875em; line-height: 1.3; font-weight: 500; text-align: start; }
.small-button:hover { background: var(--tint); }
.small-button[aria-pressed=true] { background: var(--link); color: var(--paper); border-color: var(--link); }
.options { display: flex; flex-wrap: wrap; align-items: center; gap: .5em; padding-block: .25em .5em; }
.options a { padding-block: .375em; font-size: .875em; }
.warning { display: grid; gap: .5em; justify-items: start; padding: .75em 1.25em; border-block-start: 2px solid var(--alert); background: var(--alert-ground); }
`);

/** @param {Node} root The shadow root; nothing is added twice. */
export function addStyles(root) {
  const { adoptedStyleSheets: sheets } = /** @type {ShadowRoot} */ (root);
  if (!sheets.includes(SHEET)) sheets.push(SHEET);
}
