import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pseudonymOf, redactPart } from "../../tape/index.js";
import { capturedAnswer, capturedCall, capturedRequest, testKey } from "../support/redaction.js";
import { ordinaryTerms, secretsInCompany, secretTerms } from "../support/secret-terms.js";

type Fields = Readonly<Record<string, string>>;

/** Writes fields somewhere in a call. */
type Place = (fields: Fields) => { path?: string; headers?: string[]; body?: string; location?: string };

const typed = (type: string, body: string) => ({ headers: ["content-type", type], body });
const json = (value: unknown) => typed("application/json", JSON.stringify(value));
const query = (fields: Fields) => new URLSearchParams(fields).toString();
const each = (fields: Fields, write: (name: string, value: string) => string) =>
  Object.entries(fields)
    .map(([name, value]) => write(name, value))
    .join("");
const inputs = (fields: Fields) =>
  `<form>${each(fields, (name, value) => `<input type="hidden" name="${name}" value="${value}">`)}</form>`;

/** Where fields stand beside each other. */
const together: Record<string, Place> = {
  JSON: (fields) => json({ a: 1, of: [{ ...fields, z: null }] }),
  "JSON, the other way round": (fields) => json(Object.fromEntries(Object.entries(fields).reverse())),
  "JSON in a string": (fields) => json({ payload: JSON.stringify({ inner: JSON.stringify(fields) }) }),
  "JSON lines": (fields) => typed("application/x-ndjson", `{"a":1}\n${JSON.stringify(fields)}\n`),
  events: (fields) => typed("text/event-stream", `data: ${JSON.stringify(fields)}\n\n`),
  "a form": (fields) => typed("application/x-www-form-urlencoded", query(fields)),
  "a query": (fields) => ({ path: `/cb?${query(fields)}` }),
  "a fragment": (fields) => ({ path: `/cb#${query(fields)}` }),
  "a redirect": (fields) => ({ location: `https://shop.example/cb?${query(fields)}` }),
  "a URL in JSON": (fields) => json({ next: `https://shop.example/cb?${query(fields)}` }),
  "a URL in JSON with an escape": (fields) =>
    typed("application/json", JSON.stringify({ next: `/cb?${query(fields)}` }).replaceAll("&", "\\u0026")),
  "a URL in a query": (fields) => ({ path: `/go?${query({ to: `https://shop.example/cb?${query(fields)}` })}` }),
  "a URL in text": (fields) => typed("text/plain", `GET /cb?${query(fields)} 302`),
  multipart: (fields) =>
    typed(
      "multipart/form-data; boundary=b",
      `${each(fields, (name, value) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)}--b--\r\n`,
    ),
  "a page of hidden fields": (fields) => typed("text/html", inputs(fields)),
};

/** Where a name tells by itself, too. */
const places: Record<string, Place> = {
  ...together,
  "a header": (fields) => ({ headers: Object.entries(fields).flat() }),
  "a cookie": (fields) => ({ headers: ["cookie", each(fields, (name, value) => `${name}=${value};`)] }),
  XML: (fields) => typed("application/xml", `<a>${each(fields, (name, value) => `<${name}>${value}</${name}>`)}</a>`),
  "attributes of XML": (fields) =>
    typed("application/xml", `<a${each(fields, (name, value) => ` ${name}="${value}"`)}/>`),
  "XML in JSON": (fields) => json({ soap: `<a>${each(fields, (name, value) => `<${name}>${value}</${name}>`)}</a>` }),
  "hidden fields in JSON": (fields) => json({ page: inputs(fields) }),
  "hidden fields without quotes in JSON": (fields) =>
    json({ page: each(fields, (name, value) => `<input name=${name} value=${value}>`) }),
  "hidden fields, their values first, in JSON": (fields) =>
    json({ page: each(fields, (name, value) => `<input value='${value}' name='${name}'/>`) }),
  settings: (fields) =>
    typed(
      "text/plain",
      each(fields, (name, value) => `${name}: ${value}\n`),
    ),
};

/** All of a call with these fields that would be stored. */
function stored(place: Place, fields: Fields): string {
  const { path = "/", headers = [], body = "", location } = place(fields);
  const answer = location === undefined ? undefined : capturedAnswer("", { headers: ["location", location] });
  const part = redactPart(capturedCall(capturedRequest(body, { path, headers }), answer), testKey);
  const { request } = part;
  const kept = request.body.kind === "whole" ? Buffer.from(request.body.bytes).toString() : request.body.kind;
  const answered = part.answer?.kind === "response" ? part.answer.headers : [];
  return [request.path, ...request.headers, kept, ...answered].join("\n");
}

/** Other ways of writing a name: `card_number`, `cardNumber`, `CARD-NUMBER`, `user_card_number`. */
function spelled(name: string): string[] {
  const words = name.split(/[_-]/);
  const camel = words.map((word, at) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join("");
  return [name, camel, words.join("-"), words.join("_").toUpperCase(), `user_${words.join("_")}`];
}

const secret = fc.stringMatching(/^[A-Z][a-z]{3}[0-9]{3}[A-Za-z0-9]{14}$/);

for (const [where, place] of Object.entries(places)) {
  test(`what stands under a name that standards know for a secret is one pseudonym in ${where}`, () => {
    fc.assert(
      fc.property(secret, (value) => {
        const pseudonym = pseudonymOf(value, testKey);
        for (const name of secretTerms.flatMap(spelled)) {
          const text = stored(place, { [name]: value });
          assert.ok(!text.includes(value), `${name}: ${text}`);
          assert.ok(text.includes(pseudonym), `${name}: ${text}`);
        }
      }),
      { numRuns: 2 },
    );
  });

  // Every cookie is replaced.
  if (where === "a cookie") continue;
  test(`what only looks like it stays in ${where}`, () => {
    for (const name of ordinaryTerms) {
      assert.ok(stored(place, { [name]: "Berlin-12", id: "17" }).includes("Berlin-12"), name);
    }
  });
}

for (const [where, place] of Object.entries(together)) {
  test(`what is secret beside others is one pseudonym in ${where}`, () => {
    fc.assert(
      fc.property(secret, (value) => {
        for (const [name, others] of secretsInCompany) {
          for (const fields of [
            { [name]: value, ...others },
            { ...others, [name]: value },
          ]) {
            const text = stored(place, fields);
            assert.ok(!text.includes(value), text);
            assert.ok(text.includes(pseudonymOf(value, testKey)), text);
          }
        }
      }),
      { numRuns: 5 },
    );
  });
}
