/** With a person: the bar that says where one is, and what the person says. */
const live = /* css */ `
.live-bar { display: flex; flex-wrap: wrap; gap: .5em .75em; align-items: center; padding: .625em 1em; border-block-start: 2px solid var(--link); background: var(--tint); font-size: .9375em; line-height: 1.4; max-block-size: 18em; overflow: auto; }
.live-bar[hidden] { display: none; }
.live-bar > div { flex: 1 1 12em; min-inline-size: 0; }
.entry.person { display: grid; gap: .25em; justify-items: start; }
.entry.person .who { display: flex; gap: .375em; align-items: center; font-size: .875em; font-weight: 650; }
.entry.person .bubble { max-inline-size: 88%; padding: .625em .875em; border: 2px solid var(--link); border-radius: .875em; background: var(--paper); white-space: pre-wrap; overflow-wrap: anywhere; }
.live-offer { display: grid; gap: .375em; justify-items: start; }
`;

/** @returns {CSSStyleSheet} Added to the widget's own when it is needed. */
export function liveSheet() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(live);
  return sheet;
}
