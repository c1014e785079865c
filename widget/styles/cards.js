/** Suggestions, and the contact shown when all else fails. */
export const cards = /* css */ `
.card { display: grid; gap: .625em; grid-template-columns: minmax(0, 1fr); padding: .875em 1em; border: 1px solid var(--line); border-radius: .75em; }
h3, h4 { font-size: 1em; line-height: 1.35; font-weight: 650; }

.numbers { display: grid; gap: .5em; }
.numbers li { display: grid; grid-template-columns: 5.25em minmax(0, 1fr); gap: .75em; align-items: center; line-height: 1.35; }
.numbers small { display: block; font-size: .875em; color: var(--quiet); }
.number { display: inline-flex; align-items: center; justify-content: center; gap: .375em; min-block-size: 2.75em; padding-inline: .5em; border: 1px solid var(--alert); border-radius: .5em; color: var(--alert); font-weight: 700; text-decoration: none; background: var(--paper); }
.number .icon { inline-size: 1.125em; block-size: 1.125em; margin: 0; }
.number:hover { text-decoration: underline; }

.contact { display: grid; gap: .75em; grid-template-columns: minmax(0, 1fr); }
slot { display: block; }
.urgent .numbers { font-size: .9375em; }

.suggestions { display: flex; flex-wrap: wrap; gap: .5em; }
.suggestions button { min-block-size: 2.75em; padding: .4375em .9375em; border: 1px solid var(--edge); border-radius: 1.375em; background: var(--paper); color: var(--link); font-size: .9375em; line-height: 1.35; font-weight: 500; text-align: start; }
.suggestions button:hover { background: var(--tint); border-color: var(--link); }
`;
