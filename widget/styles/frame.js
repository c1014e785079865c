/** The button on the page and the frame of the panel. Colours first: everything else refers to them. */
export const frame = /* css */ `
:host {
  all: initial;
  color-scheme: light dark;
  font: medium/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", Ubuntu, Arial, sans-serif;
  --accent: var(--guichet-accent, #1f4e8c);
  --on-accent: var(--guichet-on-accent, #fff);
  --ink: #1a1f28;
  --quiet: #515a67;
  --paper: #fff;
  --ground: #f3f5f8;
  --line: #d8dde5;
  --edge: #7a8493;
  --link: var(--accent);
  --tint: color-mix(in oklab, var(--accent) 14%, white);
  --alert: #a8201a;
  --alert-ground: #fdf1ef;
}
@supports (color: light-dark(red, red)) and (color: oklch(from red l c h)) {
  :host {
    --ink: light-dark(#1a1f28, #eceff4);
    --quiet: light-dark(#515a67, #b0b8c4);
    --paper: light-dark(#fff, #181c23);
    --ground: light-dark(#f3f5f8, #232933);
    --line: light-dark(#d8dde5, #3b4450);
    --edge: light-dark(#7a8493, #8b95a3);
    --link: light-dark(var(--accent), oklch(from var(--accent) .83 max(c, .09) h));
    --tint: light-dark(color-mix(in oklab, var(--accent) 14%, white), color-mix(in oklab, var(--accent) 55%, #181c23));
    --alert: light-dark(#a8201a, #ff9d94);
    --alert-ground: light-dark(#fdf1ef, #38201f);
  }
}
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, h4, p, ul, blockquote, fieldset { margin: 0; padding: 0; border: 0; min-inline-size: 0; }
ul { list-style: none; }
button, select, textarea, input { font: inherit; color: inherit; letter-spacing: inherit; }
button { cursor: pointer; }
button[aria-disabled] { cursor: default; opacity: .6; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.icon { inline-size: 1.25em; block-size: 1.25em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.plain { white-space: pre-line; overflow-wrap: anywhere; }
.strong { font-weight: 600; }
.quiet { color: var(--quiet); font-size: .875em; line-height: 1.4; }

.launcher, .panel { position: fixed; z-index: 2147483000; inset-block: auto 1.25em; inset-inline: auto 1.25em; }
:host([position=start]) :is(.launcher, .panel) { inset-inline: 1.25em auto; }
.launcher {
  display: flex; align-items: center; gap: .625em; min-block-size: 3.25em; max-inline-size: calc(100vw - 2.5em);
  padding: .5em 1.375em .5em 1.125em; border: 1px solid transparent; border-radius: 2em;
  background: var(--accent); color: var(--on-accent); font-weight: 600; text-align: start;
  box-shadow: 0 .25em 1.25em rgb(0 0 0 / .25);
}
.launcher .icon { inline-size: 1.5em; block-size: 1.5em; }
.launcher:hover { background: color-mix(in oklab, var(--accent) 88%, black); }
.launcher:focus-visible { outline-color: var(--ink); box-shadow: 0 0 0 3px var(--paper); outline-offset: 3px; }

.panel {
  display: none; flex-direction: column; inline-size: min(26em, 100vw - 40px); block-size: min(46em, 100dvh - 40px); container-type: inline-size;
  max-inline-size: none; max-block-size: none; margin: 0; padding: 0; overflow: hidden;
  border: 1px solid var(--line); border-radius: 1em; background: var(--paper); color: var(--ink);
  box-shadow: 0 .75em 3em rgb(0 0 0 / .22);
}
.panel[open] { display: flex; }
.panel[data-size="1"] { font-size: 1.25em; }
.panel[data-size="2"] { font-size: 1.5em; }
.panel[data-size="3"] { font-size: 2em; }
:host([position=inline]) { display: block; }
:host([position=inline]) .panel { position: static; inline-size: 100%; block-size: min(42em, 90dvh); box-shadow: none; }
:host([position=inline]) .close { display: none; }

.head { display: flex; gap: .5em; align-items: start; padding-block: .875em .75em; padding-inline: 1.25em .5em; background: var(--accent); color: var(--on-accent); }
.head > div { flex: 1; min-inline-size: 0; }
.head :focus-visible { outline-color: var(--on-accent); outline-offset: 0; }
h2 { font-size: 1.125em; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
.subtitle { font-size: .875em; line-height: 1.4; margin-block-start: .125em; }
.close { display: grid; place-items: center; flex: none; inline-size: 2.75em; block-size: 2.75em; margin-block-start: -.375em; border: 1px solid transparent; border-radius: .5em; background: none; }
.close:hover { background: rgb(255 255 255 / .16); }

.bar { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5em; padding: .5em .75em; border-block-end: 1px solid var(--line); background: var(--paper); }
select { min-block-size: 2.75em; min-inline-size: 7.5em; padding-inline: .625em .25em; border: 1px solid var(--edge); border-radius: .5em; background: var(--paper); font-size: .9375em; }
.human { margin-inline-start: auto; }
.bar .button { line-height: 1.2; }
.quit .icon:dir(rtl) { transform: scaleX(-1); }
.button {
  display: inline-flex; align-items: center; justify-content: center; gap: .5em; min-block-size: 2.75em; padding: .375em .875em;
  border: 1px solid var(--link); border-radius: .5em; background: var(--paper); color: var(--link); font-size: .9375em; font-weight: 600; text-align: start;
}
.button:hover { background: var(--tint); }
.button.filled { background: var(--accent); color: var(--on-accent); border-color: transparent; }
.button.filled:hover { background: color-mix(in oklab, var(--accent) 88%, black); }
.text-button { min-block-size: 2em; padding: 0 .25em; border: 0; border-radius: .25em; background: none; color: var(--link); font-size: .875em; text-decoration: underline; text-underline-offset: .15em; }
.buttons { display: flex; flex-wrap: wrap; gap: .5em; }

.start { flex: 1; display: grid; gap: 1em; align-content: start; justify-items: start; padding: 1.25em; overflow-y: auto; }
.panel:has(.start:not([hidden])) .log { flex: none; min-block-size: 0; padding: 0; }
.status { padding: .375em 1.25em; color: var(--quiet); font-size: .875em; }
.status:empty { padding-block: 0; }
.waiting::after { content: ""; display: inline-block; inline-size: .5em; block-size: .5em; margin-inline-start: .5em; border-radius: 50%; background: var(--link); animation: pulse 1.2s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .2; transform: scale(.7); } }

.composer { display: grid; grid-template-columns: minmax(0, 1fr); overflow-y: auto; scroll-padding-block: 3.5em; gap: .375em; padding: .375em 1.25em .75em; border-block-start: 1px solid var(--line); }
.composer label { font-weight: 600; font-size: .9375em; }
.write { display: flex; align-items: end; border: 1px solid var(--edge); border-radius: .75em; background: var(--paper); }
.write:focus-within { border-color: var(--link); outline: 2px solid var(--link); outline-offset: 0; }
textarea { flex: 1; min-inline-size: 0; min-block-size: 3em; max-block-size: 8em; padding: .6875em .875em; border: 0; background: none; resize: none; field-sizing: content; line-height: 1.5; }
textarea:focus-visible { outline: none; }
textarea::placeholder { color: var(--quiet); opacity: 1; }
[dir=rtl] textarea:placeholder-shown { direction: rtl; unicode-bidi: normal; }
.send { display: grid; place-items: center; flex: none; inline-size: 2.75em; block-size: 2.75em; margin: .125em; border: 1px solid transparent; border-radius: .625em; background: var(--accent); color: var(--on-accent); }
.send:hover { background: color-mix(in oklab, var(--accent) 88%, black); }
.send:dir(rtl) .icon { transform: scaleX(-1); }
.above { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 1em; margin-block-end: -.125em; }
.rare { display: flex; flex-wrap: wrap; gap: 0 1em; }
.confirm { display: grid; gap: .5em; padding-block-start: .375em; }

@media (max-width: 32em), (max-height: 32em) {
  :host(:not([position=inline])) .panel { inset: var(--seen-top, 0) 0 auto; inline-size: 100%; block-size: var(--seen, 100dvh); border: 0; border-radius: 0; }
  .head, .composer, .start { padding-inline: 1em; }
  .head { padding-inline-end: .25em; }
  .status { padding-inline: 1em; }
  .bar { padding-inline: .5em; }
}
@container (max-width: 27em) {
  .bar { flex-wrap: nowrap; }
  .bar .button { font-size: .875em; padding-inline: .5em; }
  select { min-inline-size: 0; flex: none; }
}
@container (max-width: 23em) {
  .bar { gap: .375em; }
  select { padding-inline: .375em 0; font-size: .875em; }
  .bar .icon { display: none; }
}
@container (max-width: 17em) {
  .bar { flex-wrap: wrap; font-size: .7em; }
  .bar > * { flex: 1 1 auto; margin: 0; }
}
:host(:not([position=inline])) .panel[data-short] { overflow-y: auto; scroll-padding-block: 5.5em 3.5em; }
:host(:not([position=inline])) .panel[data-short][open] { display: block; }
.panel[data-short] .bar { position: sticky; inset-block-start: 0; z-index: 1; }
:host([position=inline]) .panel[data-short] { block-size: auto; overflow: clip; }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
@media (forced-colors: active) {
  .icon { stroke: currentColor; }
  .waiting::after { background: CanvasText; forced-color-adjust: none; }
}
@media print { .launcher, .panel { display: none !important; } }
`;
