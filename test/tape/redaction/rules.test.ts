import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import {
  defaultRules,
  parseKeepOnly,
  parseRedactionRules,
  pseudonymOf,
  RedactionRules,
  type RedactionSpec,
  redactPart,
} from "../../../tape/index.js";
import { capturedAnswer, capturedCall, capturedRequest, testKey } from "../../support/redaction.js";

const p = (secret: string) => pseudonymOf(secret, testKey);

/** The request's path, headers and body after redaction by these rules, with the places. */
function redacted(spec: RedactionSpec, body: string, over: Parameters<typeof capturedRequest>[1] = {}) {
  const part = redactPart(capturedCall(capturedRequest(body, over)), testKey, new RedactionRules(spec));
  const { body: after, path, headers } = part.request;
  return {
    text: "bytes" in after ? Buffer.from(after.bytes).toString() : after.kind,
    path,
    headers,
    places: part.redacted.request,
  };
}

test("names of a rules file are secret however they are joined, everywhere or where it says", () => {
  const spec = { names: [{ name: "internal-ref" }, { name: "q", in: ["query"] as const }] };
  const body = JSON.stringify({ internalRef: "abcdef", INTERNAL_REF: ["ghijkl"], q: "search for", ref: "stays" });
  const { text, path, headers, places } = redacted(spec, body, {
    path: "/?q=some+thing&internal_ref=abcdef",
    headers: ["content-type", "application/json", "Internal-Ref", "abcdef"],
  });
  assert.deepEqual(JSON.parse(text), {
    internalRef: p("abcdef"),
    INTERNAL_REF: [p("ghijkl")],
    q: "search for",
    ref: "stays",
  });
  assert.equal(path, `/?q=${p("some thing").replace(" ", "+")}&internal_ref=${p("abcdef")}`);
  assert.equal(headers[3], p("abcdef"));
  assert.ok(places.includes("body:/INTERNAL_REF/0"));
});

test("a name without a word of three letters is found, too", () => {
  assert.equal(redacted({ names: [{ name: "pk" }] }, '{"a":{"pk":"abcdef"}}').text, `{"a":{"pk":"${p("abcdef")}"}}`);
});

test("patterns of a rules file are found in text and in JSON, escaped or not; a group, a validator and a word narrow them", () => {
  const spec = {
    patterns: [
      { name: "ticket", regex: "TCK-(\\d{6,})" },
      { name: "member", regex: "\\d{8}", near: "member" },
      { name: "number", regex: "#(\\d+)", valid: "luhn" as const },
    ],
  };
  const text = (ticket: string, member: string, number: string) =>
    `see TCK-${ticket}, order 12345678, member no ${member}, #${number} and #12345`;
  const before = text("123456", "87654321", "79927398713");
  const after = text(p("123456"), p("87654321"), p("79927398713"));
  assert.equal(redacted(spec, before, { headers: ["content-type", "text/plain"] }).text, after);
  assert.equal(redacted(spec, JSON.stringify({ a: before })).text, JSON.stringify({ a: after }));
  assert.equal(JSON.parse(redacted(spec, JSON.stringify({ a: `${before}\n"` })).text).a, `${after}\n"`);
});

test("an exception spares its exact place from every rule, and no other", () => {
  const body = '{"a":{"token":"abcdef"},"b":{"token":"abcdef"},"mail":["ann@shop.example"]}';
  const spec = { allow: ["body:/a/token", "body:/mail/*", "header:x-token"] };
  const { text, headers, places } = redacted(spec, body, { headers: ["x-token", "abcdef", "y-token", "abcdef"] });
  assert.equal(text, body.replace('"b":{"token":"abcdef"', `"b":{"token":"${p("abcdef")}"`));
  assert.deepEqual(headers, ["x-token", "abcdef", "y-token", p("abcdef")]);
  assert.deepEqual(places, ["header:y-token", "body:/b/token"]);
});

test("what is done unasked can be switched off, one by one", () => {
  const body = '{"password":"abcdef","mail":"ann@shop.example","tel":"+49 151 12345678","pan":"4111111111111111"}';
  const headers = ["cookie", "theme=dark; sid=abcdef", "content-type", "application/json"];
  const off = redacted({ off: ["personal", "cookies"] }, body, { headers });
  assert.equal(off.text, body.replace("abcdef", p("abcdef")).replace("4111111111111111", p("4111111111111111")));
  assert.equal(off.headers[1], `theme=dark; sid=${p("abcdef")}`);
  assert.equal(redacted({ off: ["names", "personal", "card"] }, body).text, body);
});

test("places of a rules file are replaced whatever is there; with ** at any depth", () => {
  const { text } = redacted(
    { places: ["body:/user/**/id"] },
    '{"user":{"id":"abcdef","of":[{"id":12345}]},"id":"stays"}',
  );
  assert.equal(text, `{"user":{"id":"${p("abcdef")}","of":[{"id":${p("12345")}}]},"id":"stays"}`);
});

test("with an allow-list every other scalar is replaced, short ones by their class, and the shape stays", () => {
  const spec = { keepOnly: ["body:/status", "body:/items/*/sku", "query:page", "header:x-kept"] };
  const body =
    '{"status":"open","items":[{"sku":"S-1","n":2,"price":31.5,"name":"Long name","gift":true}],"none":null,"":""}';
  const { text, path, headers, places } = redacted(spec, body, {
    path: "/a/b?page=2&who=somebody",
    headers: ["content-type", "application/json", "x-kept", "yes!", "x-other", "value-1", "accept", "*/*"],
  });
  assert.equal(
    text,
    `{"status":"open","items":[{"sku":"S-1","n":1,"price":10.0,"name":"${p("Long name")}","gift":false}],"none":null,"":""}`,
  );
  assert.equal(path, `/a/b?page=2&who=${p("somebody")}`);
  assert.deepEqual(headers.slice(2), ["x-kept", "yes!", "x-other", p("value-1"), "accept", "*/*"]);
  assert.deepEqual(places.slice(0, 3), ["query:who", "header:x-other", "body:/items/0/n"]);
  for (const [type, sent] of [
    ["text/plain", "some words"],
    ["application/x-www-form-urlencoded", "who=somebody"],
    ["text/xml", "<a b='value'>words here</a>"],
    ["multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n--b--\r\n'],
  ] as const) {
    const after = redacted(spec, sent, { headers: ["content-type", type] }).text;
    assert.doesNotMatch(after, /words|somebody|value|here/, type);
    assert.equal(after.length, sent.length, type);
  }
  assert.equal(
    redacted(spec, "\u0000\u0001binary", { headers: ["content-type", "application/x-own"] }).text,
    "unredactable",
  );
});

test("an answer says which of its values are compared by class alone", () => {
  const part = redactPart(capturedCall(capturedRequest(""), capturedAnswer('{"cvc":"123","pin":"471100"}')), testKey);
  assert.deepEqual(part.redacted.answer, ["body:/cvc", "class:body:/cvc", "body:/pin"]);
  assert.ok(part.answer?.kind === "response" && part.answer.body.kind === "whole");
  assert.equal(Buffer.from(part.answer.body.bytes).toString(), `{"cvc":"100","pin":"${p("471100")}"}`);
});

test("what cannot be read is dropped, or kept and flagged when that was chosen", () => {
  const damaged = '{"token":abcdef}';
  assert.equal(redacted({}, damaged).text, "unredactable");
  const flagged = redacted({ unreadable: "flag" }, damaged);
  assert.deepEqual([flagged.text, flagged.places], [damaged, ["unreadable:body"]]);
});

test("a rules file is read whole, and {} is what is done unasked", () => {
  const yaml = `
names: [ref, {name: q, in: [query, form]}]
patterns:
  - {name: ticket, regex: 'TCK-\\d+', flags: i, valid: entropy, near: order}
places: ["body:/a/*/b"]
allow: ["header:x-token"]
off: [personal, card]
`;
  assert.deepEqual(parseRedactionRules(yaml, "rules.yaml"), {
    names: [{ name: "ref" }, { name: "q", in: ["query", "form"] }],
    patterns: [{ name: "ticket", regex: "TCK-\\d+", flags: "i", valid: "entropy", near: "order" }],
    places: ["body:/a/*/b"],
    allow: ["header:x-token"],
    off: ["personal", "card"],
  });
  assert.deepEqual(parseRedactionRules("", "rules.yaml"), {});
  assert.deepEqual(parseKeepOnly("keep: [body:/a]", "keep.yaml"), { keepOnly: ["body:/a"] });
  assert.equal(defaultRules.isOn("email"), true);
});

test("what is wrong with a rules file is said in one line, with its line and what may have been meant", () => {
  for (const [yaml, complaint] of [
    ["names: [a]\npatern: 1", 'rules.yaml: line 2: unknown key "patern" (did you mean "patterns"?)'],
    [
      "patterns:\n  - {name: a, regex: x}\n  - {name: b, regex: '([a'}",
      /^rules\.yaml: line 3: patterns\[1\]\.regex: is no regular expression: /,
    ],
    [
      "off:\n  - emial",
      /^rules\.yaml: line 2: off\[0\]: is no rule that is followed unasked \(did you mean "email"\?\)/,
    ],
    ["allow: [bdy:/x]", /^rules\.yaml: line 1: allow\[0\]: must be a place such as .* \(did you mean "body"\?\)/],
    ["a: [", /^cannot read rules\.yaml: line 1: /],
    ["- a", /^rules\.yaml: line 1: value: /],
  ] as const) {
    assert.throws(
      () => parseRedactionRules(yaml, "rules.yaml"),
      (thrown) => {
        assert.ok(thrown instanceof OperatorError);
        assert.doesNotMatch(thrown.message, /\n/);
        if (typeof complaint === "string") assert.equal(thrown.message, complaint);
        else assert.match(thrown.message, complaint);
        return true;
      },
    );
  }
  assert.throws(() => parseKeepOnly("kep: []", "keep.yaml"), /unknown key "kep" \(did you mean "keep"\?\)/);
});
