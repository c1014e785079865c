/** The conversation: who said what must be seen without relying on colour alone, hence the place and the shape of each. */
export const log = /* css */ `
.log { flex: 1; display: flex; flex-direction: column; gap: 1.125em; min-block-size: 6em; padding: 1.25em; overflow-y: auto; overscroll-behavior: contain; scrollbar-width: thin; }
.log:focus-visible { outline-offset: -3px; }
.entry { display: grid; gap: .75em; grid-template-columns: minmax(0, 1fr); position: relative; flex: none; animation: arrive .2s ease-out; }
@keyframes arrive { from { opacity: 0; transform: translateY(.375em); } }

.resident { justify-items: end; gap: .375em; }
.bubble { max-inline-size: 88%; padding: .5em .875em; border: 1px solid transparent; border-radius: 1em; border-end-end-radius: .25em; background: var(--tint); }
.masked { padding-inline: .375em; border: 1px dashed var(--edge); border-radius: .25em; font-size: .875em; }
.failure { display: flex; flex-wrap: wrap; align-items: center; justify-content: end; gap: 0 .375em; color: var(--alert); font-size: .875em; }
.failure .icon { inline-size: 1.125em; }

.disclosure, .notice { display: flex; align-items: start; gap: .625em; padding: .75em .875em; border-radius: .75em; background: var(--ground); border: 1px solid transparent; font-size: .9375em; line-height: 1.45; }
.disclosure > .icon, .notice > .icon { color: var(--link); margin-block-start: .0625em; }
.disclosure > div, .notice > :last-child { flex: 1; min-inline-size: 0; }
.mark { display: block; block-size: 1px; }

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
`;
