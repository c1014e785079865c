/** The blocks of a reply: service, emergency, sources, suggestions, the callback form. */
export const cards = /* css */ `
.card { display: grid; gap: .625em; grid-template-columns: minmax(0, 1fr); padding: .875em 1em; border: 1px solid var(--line); border-radius: .75em; }
h3, h4 { font-size: 1em; line-height: 1.35; font-weight: 650; }
.lines { display: grid; gap: .375em; font-size: .9375em; line-height: 1.45; }
.lines li { display: flex; gap: .625em; align-items: start; position: relative; }
.lines > li > .icon { color: var(--quiet); margin-block-start: .0625em; }
.lines a { display: inline-block; min-block-size: 1.75em; overflow-wrap: anywhere; }

.emergency { border: 2px solid var(--alert); background: var(--alert-ground); }
.emergency > p { font-weight: 600; }
.numbers { display: grid; gap: .5em; }
.numbers li { display: grid; grid-template-columns: 5.25em minmax(0, 1fr); gap: .75em; align-items: center; line-height: 1.35; }
.numbers small { display: block; font-size: .875em; color: var(--quiet); }
.number { display: inline-flex; align-items: center; justify-content: center; gap: .375em; min-block-size: 2.75em; padding-inline: .5em; border: 1px solid var(--alert); border-radius: .5em; color: var(--alert); font-weight: 700; text-decoration: none; background: var(--paper); }
.number .icon { inline-size: 1.125em; block-size: 1.125em; margin: 0; }
.number:hover { text-decoration: underline; }
.emergency .number { background: var(--alert); color: var(--paper); font-size: 1.125em; }
.emergency .numbers li { grid-template-columns: 6em minmax(0, 1fr); }

.contact { display: grid; gap: .75em; grid-template-columns: minmax(0, 1fr); }
slot { display: block; }
.urgent .numbers { font-size: .9375em; }

.sources { font-size: .9375em; }
summary { display: inline-flex; align-items: center; gap: .375em; min-block-size: 2em; padding-inline: .25em; margin-inline-start: -.25em; border-radius: .25em; color: var(--link); cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ""; inline-size: .4375em; block-size: .4375em; border: solid currentColor; border-width: 0 2px 2px 0; transform: rotate(-45deg); margin-inline: .125em .25em; }
summary:dir(rtl)::before { transform: rotate(135deg); }
details[open] > summary::before { transform: rotate(45deg); }
.sources ul { display: grid; gap: .875em; padding-block: .375em .25em; padding-inline-start: .875em; border-inline-start: 3px solid var(--line); }
.sources li { display: grid; gap: .1875em; }
.sources blockquote { font-size: .9375em; color: var(--quiet); }

.suggestions { display: flex; flex-wrap: wrap; gap: .5em; }
.suggestions button { min-block-size: 2.75em; padding: .4375em .9375em; border: 1px solid var(--edge); border-radius: 1.375em; background: var(--paper); color: var(--link); font-size: .9375em; line-height: 1.35; font-weight: 500; text-align: start; }
.suggestions button:hover { background: var(--tint); border-color: var(--link); }

.callback { display: grid; justify-items: start; }
.form { display: grid; gap: .875em; inline-size: 100%; padding-block-start: .75em; border-block-start: 1px solid var(--line); }
.field { display: grid; gap: .25em; }
.form label, .form legend { font-size: .9375em; font-weight: 600; line-height: 1.4; }
.form .option { display: flex; gap: .625em; align-items: start; min-block-size: 1.75em; padding-block: .125em; font-weight: 400; }
.form input:not([type=radio], [type=checkbox]) { inline-size: 100%; min-block-size: 2.75em; padding-inline: .75em; border: 1px solid var(--edge); border-radius: .5em; background: var(--paper); }
.form :is([type=radio], [type=checkbox]) { flex: none; inline-size: 1.25em; block-size: 1.25em; margin: .0625em 0 0; accent-color: var(--link); }
.form [aria-invalid] { outline: 2px solid var(--alert); }
.error { color: var(--alert); font-size: .875em; font-weight: 600; }
.outcome { font-size: .9375em; }
.outcome:empty { display: none; }
.receipt { font-weight: 600; padding: .75em .875em; border-radius: .5em; background: var(--ground); justify-self: stretch; }
`;
