import assert from "node:assert/strict";
import { test } from "node:test";
import { pseudonymOf } from "../../../tape/index.js";
import { redactBytes } from "../../../tape/redaction/body.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey, testRedaction } from "../../support/redaction.js";

const form = (...parts: [head: string, body: string][]) =>
  `${parts.map(([head, body]) => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`).join("")}--b--\r\n`;

function redacted(text: string, contentType = "multipart/form-data; boundary=b", isWhole = true) {
  const places = new PlaceList();
  const result = redactBytes(
    Buffer.from(text),
    { contentType, contentEncoding: undefined },
    isWhole,
    testRedaction,
    places,
  );
  const after = result.kind === "redacted" ? Buffer.from(result.bytes).toString() : result.kind;
  return { after, places: places.list() };
}

const p = (secret: string) => pseudonymOf(secret, testKey);

test("a part that is named like a secret is replaced whole, others by their own type, and all else stays", () => {
  const text = (pin: string, token: string, mail: string) =>
    form(
      ['name="pin"', pin],
      ['name="meta"\r\nContent-Type: application/json', `{"stars":5,"token":"${token}"}`],
      [`name="file"; filename="${mail}"\r\nContent-Type: text/plain`, "nothing"],
      ["name=other", "kept"],
    );
  assert.deepEqual(redacted(text("471100", "tok1", "ann@shop.example.txt")), {
    after: text(p("471100"), p("tok1"), p("ann@shop.example.txt")),
    places: ["part:pin", "part:meta/token", "part:file header"],
  });
});

test("without a secret the bytes stay, and what cannot be taken apart is unreadable only where it may hold one", () => {
  assert.equal(redacted(form(['name="photo"; filename="token.png"', "password"])).after, "unchanged");
  assert.equal(redacted("no parts at all", "multipart/form-data").after, "unchanged");
  assert.equal(redacted("password=hunter2", "multipart/form-data").after, "unreadable");
});

test("of a cut body the last part is read as far as it goes", () => {
  const cut = form(['name="password"', "hunter2!"]).slice(0, -12);
  const { after } = redacted(cut, undefined, false);
  assert.doesNotMatch(after, /hunt/);
  assert.match(after, /^--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n/);
});
