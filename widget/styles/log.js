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
.failure.queued { color: var(--quiet); }
.failure .icon { inline-size: 1.125em; margin-inline-end: .375em; vertical-align: -.3em; }

.disclosure, .notice { display: flex; align-items: start; gap: .625em; padding: .75em .875em; border-radius: .75em; background: var(--ground); border: 1px solid transparent; font-size: .9375em; line-height: 1.45; }
.disclosure > .icon, .notice > .icon { color: var(--link); margin-block-start: .0625em; }
.disclosure > div, .notice > :last-child { flex: 1; min-inline-size: 0; }
.mark { display: block; block-size: 1px; }
`;
