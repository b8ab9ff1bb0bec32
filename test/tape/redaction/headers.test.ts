import assert from "node:assert/strict";
import { test } from "node:test";
import { pseudonymOf } from "../../../tape/index.js";
import { redactHeaders } from "../../../tape/redaction/headers.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey, testRedaction } from "../../support/redaction.js";

function redacted(...flat: string[]): { headers: readonly string[]; places: readonly string[] } {
  const places = new PlaceList();
  const headers = redactHeaders(flat, testRedaction, places);
  return { headers, places: places.list() };
}

const p = (secret: string) => pseudonymOf(secret, testKey);

test("credentials keep their scheme, whatever the case of the name", () => {
  assert.deepEqual(redacted("Authorization", "Bearer abcd.efgh", "PROXY-AUTHORIZATION", "Basic dTpw"), {
    headers: ["Authorization", `Bearer ${p("abcd.efgh")}`, "PROXY-AUTHORIZATION", `Basic ${p("dTpw")}`],
    places: ["header:authorization", "header:proxy-authorization"],
  });
});

test("each cookie's value is replaced, names, order and spaces stay", () => {
  assert.deepEqual(redacted("cookie", 'sid=abcd;  theme="dark"; empty=; a=b=cdef'), {
    headers: ["cookie", `sid=${p("abcd")};  theme="${p("dark")}"; empty=; a=${p("b=cdef")}`],
    places: ["cookie:sid", "cookie:theme", "cookie:a"],
  });
});

test("of set-cookie the value is replaced and the attributes are kept", () => {
  assert.deepEqual(
    redacted(
      "Set-Cookie",
      "sid=abcd; Path=/; HttpOnly; Max-Age=60",
      "set-cookie",
      'x="abcd"',
      "set-cookie",
      "gone=; Max-Age=0",
    ),
    {
      headers: [
        "Set-Cookie",
        `sid=${p("abcd")}; Path=/; HttpOnly; Max-Age=60`,
        "set-cookie",
        `x="${p("abcd")}"`,
        "set-cookie",
        "gone=; Max-Age=0",
      ],
      places: ["set-cookie:sid", "set-cookie:x"],
    },
  );
});

test("fields named like secrets are replaced, others are left alone", () => {
  const { headers, places } = redacted(
    "x-api-key",
    "key1",
    "X-Auth-Token",
    "key2",
    "x-request-id",
    "key3",
    "etag",
    '"key4"',
  );
  assert.deepEqual(headers, [
    "x-api-key",
    p("key1"),
    "X-Auth-Token",
    p("key2"),
    "x-request-id",
    "key3",
    "etag",
    '"key4"',
  ]);
  assert.deepEqual(places, ["header:x-api-key", "header:x-auth-token"]);
});

test("queries in fields that hold URLs are redacted like the request's own", () => {
  const { headers, places } = redacted(
    "referer",
    "https://shop/?token=abcd",
    "location",
    "/next?sid=abcd#access_token=abcd",
    "link",
    '<https://shop/?page=2&api_key=abcd>; rel="next"',
    ":path",
    "/?password=abcd",
  );
  assert.deepEqual(headers, [
    "referer",
    `https://shop/?token=${p("abcd")}`,
    "location",
    `/next?sid=${p("abcd")}#access_token=${p("abcd")}`,
    "link",
    `<https://shop/?page=2&api_key=${p("abcd")}>; rel="next"`,
    ":path",
    `/?password=${p("abcd")}`,
  ]);
  assert.deepEqual(places, [
    "header:referer?token",
    "header:location?sid",
    "header:location?access_token",
    "header:link?api_key",
    "query:password",
  ]);
});

test("headers without secrets are the same array", () => {
  const flat = ["host", "shop", "cookie", "", "authorization", "", "referer", "https://shop/?a=b", "x-token", ""];
  assert.equal(redactHeaders(flat, testRedaction, new PlaceList()), flat);
});

test("a secret beyond ASCII has the pseudonym of what its UTF-8 bytes spell", () => {
  const onTheWire = Buffer.from("пароль").toString("latin1");
  const { headers } = redacted("x-api-key", onTheWire);
  assert.equal(Buffer.from(headers[1]!, "latin1").toString(), p("пароль"));
  const latin1 = redacted("x-api-key", "caf\xe9").headers[1]!;
  assert.match(latin1, /^[a-z]{3}[\xc0-\xff]$/);
});
