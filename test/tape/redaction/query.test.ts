import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pseudonymOf } from "../../../tape/index.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { redactFormText, redactUrl } from "../../../tape/redaction/query.js";
import { testKey, testRedaction } from "../../support/redaction.js";

function redacted(url: string): { url: string; places: readonly string[] } {
  const places = new PlaceList();
  return { url: redactUrl(url, testRedaction, places, "query:"), places: places.list() };
}

test("secret fields of the query are replaced, the rest stays byte for byte", () => {
  const token = pseudonymOf("abc123", testKey);
  assert.deepEqual(redacted("/a;v=1?x=%20&token=abc123&&y#top"), {
    url: `/a;v=1?x=%20&token=${token}&&y#top`,
    places: ["query:token"],
  });
  assert.deepEqual(redacted("http://shop/a?user[password]=abc123"), {
    url: `http://shop/a?user[password]=${token}`,
    places: ["query:user[password]"],
  });
});

test("a URL without secrets is the same string", () => {
  for (const url of ["/", "*", "shop:443", "/a?b=c&token=", "/users/@me?page_token=x", "/;a=b?", "/a#b"]) {
    assert.deepEqual(redacted(url), { url, places: [] });
  }
});

test("fragments, path parameters and passwords before a host are replaced too", () => {
  const secret = pseudonymOf("abc123", testKey);
  assert.equal(
    redacted("https://app/cb#access_token=abc123&state=1").url,
    `https://app/cb#access_token=${secret}&state=1`,
  );
  assert.equal(redacted("https://app/#/login?token=abc123").url, `https://app/#/login?token=${secret}`);
  assert.equal(redacted("/cart;jsessionid=abc123/x").url, `/cart;jsessionid=${secret}/x`);
  assert.equal(redacted("https://me:abc123@host/x").url, `https://me:${secret}@host/x`);
});

test("the unit is the decoded value: written encoded or not, a secret has one pseudonym", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (made) => {
      const secret = `${made}abcd`; // long enough to stay distinct
      fc.pre(!/^(?:apikey|basic|bearer|digest|dpop|jwt|negotiate|token) /i.test(secret));
      const asForm = new URLSearchParams({ token: secret }).toString();
      const asUri = `token=${encodeURIComponent(secret)}`;
      for (const text of [asForm, asUri]) {
        const after = redactFormText(text, testRedaction, new PlaceList(), "form:");
        assert.equal(new URLSearchParams(after).get("token"), pseudonymOf(secret, testKey));
      }
    }),
  );
});

test("text of any kind is never thrown at", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void redacted(`/?token=${text}`)));
});
