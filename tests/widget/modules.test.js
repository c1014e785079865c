/** The modules that need no browser: `node --test`. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { reasonOf } from "../../widget/api.js";
import { NEUTRAL_PAGE, exitAddress } from "../../widget/exit.js";
import { newId } from "../../widget/ids.js";
import { fromGateway, leavesSite, safeLink, telLink } from "../../widget/links.js";
import { EMAIL, PHONE } from "../../widget/forms.js";
import { Outbox } from "../../widget/outbox.js";
import { LANGUAGES, directionOf, fill, languagesIn, loadTexts, loadToolTexts, pickLanguage } from "../../widget/texts/index.js";

const BASE = "https://www.garlaban.example/page";

test("a phone number becomes a link that any phone can dial", () => {
  assert.equal(telLink("04 65 71 12 00"), "tel:+33465711200");
  assert.equal(telLink("04\u00a065.71-12 00"), "tel:+33465711200");
  assert.equal(telLink("+33 (0)4 65 71 12 00"), "tel:+33465711200");
  assert.equal(telLink("3919"), "tel:3919");
});

test("only web, phone and mail addresses are links", () => {
  for (const address of ["https://a.example", "tel:15", "sms:114", "mailto:a@b.example", "/relative"]) {
    assert.ok(safeLink(address, BASE), address);
  }
  for (const address of ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "blob:x", "", null, "http://["]) {
    assert.equal(safeLink(address, BASE), null, String(address));
  }
});

test("a link leaves the site when its origin is another", () => {
  const origin = new URL(BASE).origin;
  assert.equal(leavesSite(new URL("https://www.service-public.fr/"), origin), true);
  assert.equal(leavesSite(new URL("/aides", BASE), origin), false);
  assert.equal(leavesSite(new URL("tel:15"), origin), false);
});

test("the page of the papers to bring is the gateway's, and no other path is", () => {
  const gateway = new URL("https://guichet.example/prefix/");
  assert.equal(fromGateway("/papers/apa?language=ar", gateway), "https://guichet.example/prefix/papers/apa?language=ar");
  for (const address of ["/papers/../admin?language=fr", "/papers/apa", "//papers/apa?language=fr", "/aides", "tel:15", "", null]) {
    assert.equal(fromGateway(address, gateway), address);
  }
});

test("each failure of the gateway says what can be done", () => {
  const expected = { 401: "gone", 404: "gone", 410: "gone", 409: "busy", 429: "busy", 400: "refused", 413: "refused",
    422: "refused", 403: "unreachable", 500: "unreachable", 502: "unreachable", 503: "unreachable" };
  for (const [status, reason] of Object.entries(expected)) assert.equal(reasonOf(Number(status)), reason, status);
});

test("ids are version 4 UUIDs, also where randomUUID is missing", () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(newId(), uuid);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  const ids = new Set(Array.from({ length: 50 }, newId));
  delete crypto.randomUUID;
  assert.equal(ids.size, 50);
  for (const id of ids) assert.match(id, uuid);
});

test("the form accepts what people write", () => {
  for (const phone of ["06 39 98 12 34", "+33 6 39 98 12 34", "0639981234", "+44 20 7946 0000"]) assert.match(phone, PHONE);
  for (const phone of ["", "123", "appelez-moi", "06 39 98 12 34 67 89 10 11"]) assert.doesNotMatch(phone, PHONE);
  for (const email of ["a@b.fr", "prenom.nom+x@sous.domaine.example"]) assert.match(email, EMAIL);
  for (const email of ["", "a@b", "a b@c.fr", "@c.fr"]) assert.doesNotMatch(email, EMAIL);
});

test("the language is the first wish offered", () => {
  assert.equal(pickLanguage(["en-GB", "fr"], ["fr", "en"]), "en");
  assert.equal(pickLanguage([null, undefined, "xx"], ["fr", "en"]), "fr");
  assert.deepEqual(languagesIn("en, fr en"), ["en", "fr"]);
  assert.deepEqual(languagesIn("xx"), Object.keys(LANGUAGES));
  assert.deepEqual(languagesIn(null), Object.keys(LANGUAGES));
  assert.equal(directionOf("ar-MA"), "rtl");
  assert.equal(directionOf("en"), "ltr");
  assert.equal(fill("{a} {b}", { a: 1 }), "1 {b}");
});

/** @param {object} texts @returns {Record<string, string>} */
function flat(texts, before = "") {
  return Object.fromEntries(Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[before + key, value]] : Object.entries(flat(value, `${before + key}.`))));
}

const CATALOGUES = { texts: loadTexts, tools: loadToolTexts };

for (const [name, load] of Object.entries(CATALOGUES)) {
  test(`every language says the same things, with the same values (${name})`, async () => {
    const french = flat(await load("fr"));
    for (const language of Object.keys(LANGUAGES)) {
      const texts = flat(await load(language));
      assert.deepEqual(Object.keys(texts).sort(), Object.keys(french).sort(), language);
      for (const [key, text] of Object.entries(texts)) {
        assert.ok(text.trim(), `${language} ${key}`);
        assert.deepEqual(text.match(/\{\w+\}/g), french[key].match(/\{\w+\}/g), `${language} ${key}`);
      }
    }
  });

  test(`French keeps a no-break space before its high punctuation (${name})`, async () => {
    for (const [key, text] of Object.entries(flat(await load("fr")))) assert.doesNotMatch(text, / [?!:;»%]/, key);
  });

  test(`every text is used (${name})`, async () => {
    const folder = new URL("../../widget/", import.meta.url);
    const sources = readdirSync(folder).filter((name) => name.endsWith(".js")).map((name) => readFileSync(new URL(name, folder), "utf8")).join();
    for (const key of Object.keys(await load("fr"))) assert.match(sources, new RegExp(`texts\\.${key}\\b|"${key}"`), key);
  });
}

test("leaving goes to a web page, whatever the site has written", () => {
  globalThis.location = { href: BASE };
  assert.equal(exitAddress("https://meteo.example/"), "https://meteo.example/");
  assert.equal(exitAddress("/meteo"), "https://www.garlaban.example/meteo");
  for (const wished of [null, "", "javascript:alert(1)", "tel:15", "http://["]) assert.equal(exitAddress(wished), NEUTRAL_PAGE, String(wished));
});

test("what waits is sent once, in order, and again after a pause", async () => {
  const tried = [];
  let pause = 5;
  let again = () => {};
  const retried = new Promise((resolve) => { again = resolve; });
  const outbox = new Outbox({
    deliver: async ({ message }) => {
      tried.push(message.text);
      return message.text === "a" ? pause : 0;
    },
    changed: () => {},
    retry: () => again(),
  });
  outbox.add({ message: { text: "a" } });
  outbox.add({ message: { text: "b" } });
  await outbox.flush();
  assert.deepEqual(tried, ["a"]);
  await retried;
  pause = 0;
  await outbox.flush(true);
  assert.deepEqual(tried, ["a", "a", "b"]);
  assert.equal(outbox.letters.length, 0);
});
