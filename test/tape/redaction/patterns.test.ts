import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pseudonymOf, RedactionRules } from "../../../tape/index.js";
import { allPatterns } from "../../../tape/redaction/patterns/index.js";
import { testKey } from "../../support/redaction.js";
import { luhnSum, type SecretKind, secretKinds, secretMaker } from "../../support/secrets.js";

const p = (secret: string) => pseudonymOf(secret, testKey);
const { scanner } = new RedactionRules();
const make = secretMaker("patterns");

function found(text: string): string[] {
  return scanner.spans(text).map(({ start, end, rule }) => `${rule} ${text.slice(start, end)}`);
}

const ruleOf: Record<Exclude<SecretKind, "named">, string> = {
  jwt: "jwt",
  card: "card",
  "spaced-card": "card",
  iban: "iban",
  email: "email",
  phone: "phone",
  aws: "aws-key",
  gcp: "gcp-key",
  github: "github-token",
  slack: "slack-token",
  stripe: "stripe-key",
  openai: "ai-key",
  sendgrid: "sendgrid-key",
  gitlab: "gitlab-token",
  npm: "package-token",
  vault: "platform-token",
  bearer: "bearer",
  basic: "basic",
  "url-password": "url-password",
  base64: "base64",
  pem: "private-key",
};

test("each kind of secret is found in a text, whole, by its own rule, and its pseudonym is one of its kind", () => {
  for (const kind of secretKinds) {
    if (kind === "named") continue;
    const { value } = make(kind);
    const secret = value.replace(/^(?:Bearer|Basic) /, "").replace(/^postgres:.*:(.*)@.*$/, "$1");
    assert.deepEqual(found(`see ${value}, there`), [`${ruleOf[kind]} ${secret}`], kind);
    const again = value.replace(secret, p(secret));
    // A pseudonym of what is coded in base64 decodes to something else.
    if (kind !== "basic" && kind !== "base64")
      assert.deepEqual(found(`see ${again}, there`), [`${ruleOf[kind]} ${p(secret)}`], kind);
  }
});

test("what only looks like one is left alone", () => {
  for (const text of [
    "order 4111111111111112 of 1732000000000 and 1234567890123456789",
    "0.4111111111111111 and a4111111111111111 and 6d8ab1de-4111-4111-8111-111111111111",
    "DE00370400440532013000 and GB29NWBK60161331926818",
    "icon@2x.png, pkg@1.2.3, @decorator and user@localhost",
    "1 + 22, +1 2, 2026-11-22T07:00:00+01:00 and 1e+10",
    "task-list, basic needs, the bearer of news, risk-free-and-very-long-words-here",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "https://shop.example:8080/a?b=c and http://[::1]:80/@me",
  ]) {
    assert.deepEqual(found(text), [], text);
  }
});

test("a card's pseudonym passes Luhn, keeps its issuer, and is the same with and without separators", () => {
  for (const number of ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"]) {
    const pseudonym = p(number);
    assert.equal(luhnSum(pseudonym) % 10, 0);
    assert.equal(pseudonym.length, number.length);
    assert.equal(pseudonym[0], number[0]);
  }
  assert.equal(p("4111 1111 1111 1111").replaceAll(" ", ""), p("4111111111111111"));
  assert.equal(p("3782-822463-10005").replaceAll("-", ""), p("378282246310005"));
});

test("an IBAN's pseudonym has its country and the right check digits, with and without spaces", () => {
  const pseudonym = p("GB82WEST12345698765432");
  assert.match(pseudonym, /^GB\d\d[A-Z]{4}\d{14}$/);
  assert.equal(p("GB82 WEST 1234 5698 7654 32").replaceAll(" ", ""), pseudonym);
  const digits = Array.from(pseudonym.slice(4) + pseudonym.slice(0, 4), (one) => Number.parseInt(one, 36)).join("");
  assert.equal(BigInt(digits) % 97n, 1n);
});

test("an e-mail's pseudonym is an address of a domain that cannot be", () => {
  assert.match(
    p("Ann.Lee+shop@mail.shop.example"),
    /^[A-Z][a-z]{2}\.[A-Z][a-z]{2}\+[a-z]{4}@[a-z]{4}\.[a-z]{4}\.zzzzzzz$/,
  );
});

test("a token keeps its header and the names and types of its claims, and its claims have the pseudonyms they have alone", () => {
  const claims = { sub: "user-4711", admin: true, iat: 1700000000, roles: ["writer-1", "é"], nested: { id: "abcd-1" } };
  const header = Buffer.from('{"alg":"HS256"}').toString("base64url");
  const token = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2lnbmF0dXJlMTIzNDU2`;
  const [head, payload, signature] = p(token).split(".");
  assert.equal(head, header);
  assert.notEqual(signature, "c2lnbmF0dXJlMTIzNDU2");
  const after = JSON.parse(Buffer.from(payload!, "base64url").toString()) as typeof claims;
  assert.deepEqual(after, {
    sub: p("user-4711"),
    admin: true,
    iat: Number(p("1700000000")),
    roles: [p("writer-1"), p("é")],
    nested: { id: p("abcd-1") },
  });
});

test("a key in PEM keeps its armour and the length of each line; a provider's key its beginning", () => {
  const pem = make("pem").value;
  assert.equal(p(pem).replace(/[A-Za-z0-9+/=]/g, "x"), pem.replace(/[A-Za-z0-9+/=]/g, "x"));
  assert.match(p(pem), /^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----$/);
  assert.match(p("AKIAIOSFODNN7EXAMPLE"), /^AKIA[A-Z0-9]{16}$/);
  assert.match(p(make("github").value), /^ghp_/);
});

test("every pattern says what it finds, under a name of its own", () => {
  assert.equal(new Set(allPatterns.map(({ name }) => name)).size, allPatterns.length);
  for (const { explain } of allPatterns) assert.match(explain, /^\S.{5,}/);
});

test("no text makes the search throw, and spans are in order and within the text", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(...secretKinds.map((kind) => make(kind).value), "password=", "token: ", "@", "://", "%20"),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      let before = 0;
      for (const { start, end } of scanner.spans(text)) {
        assert.ok(start >= before && end > start && end <= text.length);
        before = end;
      }
    }),
  );
});
