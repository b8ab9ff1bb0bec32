import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSecretName, pseudonymOf } from "../../../tape/index.js";
import { mayHoldSecretInJson, redactJson } from "../../../tape/redaction/json.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey, testRedaction } from "../../support/redaction.js";

const p = (secret: string) => pseudonymOf(secret, testKey);
const latin1 = (text: string) => Buffer.from(text).toString("latin1");
const utf8 = (text: string) => Buffer.from(text, "latin1").toString();

function redacted(text: string): { kind: string; text?: string; places: readonly string[] } {
  const places = new PlaceList();
  const { kind, ...rest } = redactJson(latin1(text), testRedaction, places, "body:");
  return { kind, ...("text" in rest && { text: utf8(rest.text) }), places: places.list() };
}

test("scalars under secret names are replaced in place, every other byte stays", () => {
  const text = '{ "a" : 1.50,\n\t"password":"hunter2", "ключ":"é", "pin" :\t4711 , "tokens_used":99}';
  assert.deepEqual(redacted(text), {
    kind: "redacted",
    text: text.replace("hunter2", p("hunter2")).replace("4711", p("4711")),
    places: ["body:/password", "body:/pin"],
  });
});

test("everything below a secret name is secret, at any depth, and nothing beside it", () => {
  const result = redacted(
    '{"auth":{"user":"usr1","more":[{"n":12345},null,""]},"user":"usr1","list":[{"token":["tok1","tok2"]},"tok1"]}',
  );
  assert.equal(
    result.text,
    `{"auth":{"user":"${p("usr1")}","more":[{"n":${p("12345")}},null,""]},"user":"usr1","list":[{"token":["${p("tok1")}","${p("tok2")}"]},"tok1"]}`,
  );
  assert.deepEqual(result.places, [
    "body:/auth/user",
    "body:/auth/more/0/n",
    "body:/list/0/token/0",
    "body:/list/0/token/1",
  ]);
});

test("a name that is escaped or has signs of pointers in it is found and told", () => {
  assert.deepEqual(redacted('{"p\\u0061ssword":"xxx1","a/b~c":{"token":"tok1"}}').places, [
    "body:/password",
    "body:/a~1b~0c/token",
  ]);
  assert.equal(mayHoldSecretInJson('{"p\\u0061ssword":"xxx1"}', testRedaction.rules), true);
});

test("an escaped or non-ASCII secret is read before it is replaced", () => {
  const value = 'pä"ss\n😀';
  const result = redacted(`{"password":${JSON.stringify(value)}}`);
  assert.equal((JSON.parse(result.text!) as { password: string }).password, p(value));
});

test("under `pass` strings are secret, and neither results nor what is below it", () => {
  const text = '{"pass":true,"a":{"pass":3},"b":{"pass":1520},"c":{"pass":"true"},"d":{"pass":["kept1","kept2"]}';
  const below = '"e":{"pass":{"token":"SECRET","note":"kept"}},"f":{"pass":"SECRET"}}';
  assert.equal(redacted(`${text},${below}`).text, `${text},${below.replaceAll("SECRET", p("SECRET"))}`);
});

test("a code is secret beside a grant, in JSON in a string, too, and by its place where the rules spare it", () => {
  const code = "SplxlOBeZQQYbYS6WxSbIA";
  const grant = (value: string) => `{"code":"${value}","client":{"code":"de"},"grant_type":"authorization_code"}`;
  assert.equal(redacted(grant(code)).text, grant(p(code)));
  assert.deepEqual(redacted(grant(code)).places, ["body:/code"]);
  assert.equal(redacted(JSON.stringify({ x: grant(code) })).text, JSON.stringify({ x: grant(p(code)) }));
  assert.equal(redacted(`{"error":{"code":"${code}","message":"x"},"state":"failed"}`).kind, "unchanged");
});

test("both of repeated keys are replaced", () => {
  assert.equal(redacted('{"token":"aaa1","token":"bbb2"}').text, `{"token":"${p("aaa1")}","token":"${p("bbb2")}"}`);
});

test("JSON inside a string is looked into; damaged JSON in a string is replaced whole", () => {
  const inner = JSON.stringify({ password: "hunter2", keep: "me" });
  const result = redacted(JSON.stringify({ payload: inner, note: 'say "token": to me' }));
  const payload = JSON.parse((JSON.parse(result.text!) as { payload: string }).payload);
  assert.deepEqual(payload, { password: p("hunter2"), keep: "me" });
  assert.deepEqual(result.places, ["body:/payload"]);
  const cut = redacted(JSON.stringify({ payload: inner.slice(0, -1) }));
  assert.doesNotMatch(cut.text!, /hunter2/);
});

test("several values, one a line, are redacted line by line", () => {
  assert.deepEqual(redacted('{"token":"aaa1"}\n\n{"x":1}\r\n{"token":"bbb2"}\n'), {
    kind: "redacted",
    text: `{"token":"${p("aaa1")}"}\n\n{"x":1}\r\n{"token":"${p("bbb2")}"}\n`,
    places: ["body:line 1 /token", "body:line 4 /token"],
  });
});

test("text that is no JSON is damaged", () => {
  assert.equal(redacted('{"token":"aaa1"').kind, "damaged");
  assert.equal(redacted('{"token":"aaa1"}\n{"token":').kind, "damaged");
});

test("10,000 levels are redacted without using the stack", () => {
  const text = `${'{"a":['.repeat(10_000)}{"token":"deep1"}${"]}".repeat(10_000)}`;
  const result = redacted(text);
  assert.equal(result.text, text.replace("deep1", p("deep1")));
});

const name = fc.oneof(
  fc.constantFrom(
    "password",
    "accessToken",
    "PIN",
    "session_id",
    "author",
    "tokens_used",
    "zip_code",
    "apiKey",
    'to"ken',
  ),
  fc.string(),
);
const document = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ unit: "grapheme" }),
    fc.integer(),
    // Larger ones may be card numbers.
    fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 5 }),
  ),
})).value;

/** The same by the obvious, recursive way over parsed values: which scalars are secret, by path. */
function secretPaths(value: unknown, path: string, isSecret: boolean): string[] {
  if (value === null || value === "") return [];
  if (typeof value !== "object") return isSecret ? [path] : [];
  return Object.entries(value).flatMap(([key, inner]) =>
    secretPaths(
      inner,
      `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      isSecret || (!Array.isArray(value) && isSecretName(key)),
    ),
  );
}

test("what is replaced is what a plain walk over the parsed document calls secret, and the cheap scan never misses it", () => {
  fc.assert(
    fc.property(document, fc.constantFrom(undefined, 1), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const expected = secretPaths(JSON.parse(text), "", false);
      const { kind, places, text: after } = redacted(text);
      assert.deepEqual([...places].sort(), expected.map((path) => `body:${path}`).sort());
      assert.equal(kind, expected.length > 0 ? "redacted" : "unchanged");
      if (expected.length > 0) {
        assert.equal(mayHoldSecretInJson(latin1(text), testRedaction.rules), true);
        assert.deepEqual(withoutScalars(JSON.parse(after!)), withoutScalars(JSON.parse(text)));
      }
    }),
    { numRuns: 2000 },
  );
});

/** The shape of a document: its keys, and the types of its scalars. */
function withoutScalars(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.entries(value).map(([key, inner]) => [key, withoutScalars(inner)]);
}

test("the cheap scan says no to bodies that only look like it", () => {
  for (const text of [
    '{"author":"x","shipping":"token","code":"secret","note":"password"}',
    '{"a":"the token, the secret","b":["password","auth"],"passenger":1,"page_token":"x"}',
    "[]",
    "",
  ]) {
    assert.equal(mayHoldSecretInJson(text, testRedaction.rules), false, text);
  }
});

test("a long text full of stems is scanned in linear time", () => {
  const long = `{"text":"${"token".repeat(400_000)}"}`;
  const began = process.cpuUsage();
  assert.equal(mayHoldSecretInJson(long, testRedaction.rules), false);
  // Quadratic, this would take hours.
  assert.ok(process.cpuUsage(began).user < 20_000_000);
});
