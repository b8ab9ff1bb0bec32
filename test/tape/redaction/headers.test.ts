import assert from "node:assert/strict";
import { test } from "node:test";
import { pseudonymOf } from "../../../tape/index.js";
import { redactHeaders } from "../../../tape/redaction/headers.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey } from "../../support/redaction.js";

function redacted(...flat: string[]): { headers: readonly string[]; places: readonly string[] } {
  const places = new PlaceList();
  const headers = redactHeaders(flat, testKey, places);
  return { headers, places: places.list() };
}

const p = (secret: string) => pseudonymOf(secret, testKey);

test("credentials keep their scheme, whatever the case of the name", () => {
  assert.deepEqual(redacted("Authorization", "Bearer abc.def", "PROXY-AUTHORIZATION", "Basic dTpw"), {
    headers: ["Authorization", `Bearer ${p("abc.def")}`, "PROXY-AUTHORIZATION", `Basic ${p("dTpw")}`],
    places: ["header:authorization", "header:proxy-authorization"],
  });
});

test("each cookie's value is replaced, names, order and spaces stay", () => {
  assert.deepEqual(redacted("cookie", 'sid=abc;  theme="dark"; empty=; a=b=c'), {
    headers: ["cookie", `sid=${p("abc")};  theme="${p("dark")}"; empty=; a=${p("b=c")}`],
    places: ["cookie:sid", "cookie:theme", "cookie:a"],
  });
});

test("of set-cookie the value is replaced and the attributes are kept", () => {
  assert.deepEqual(
    redacted(
      "Set-Cookie",
      "sid=abc; Path=/; HttpOnly; Max-Age=60",
      "set-cookie",
      'x="abc"',
      "set-cookie",
      "gone=; Max-Age=0",
    ),
    {
      headers: [
        "Set-Cookie",
        `sid=${p("abc")}; Path=/; HttpOnly; Max-Age=60`,
        "set-cookie",
        `x="${p("abc")}"`,
        "set-cookie",
        "gone=; Max-Age=0",
      ],
      places: ["set-cookie:sid", "set-cookie:x"],
    },
  );
});

test("fields named like secrets are replaced, others are left alone", () => {
  const { headers, places } = redacted("x-api-key", "k1", "X-Auth-Token", "k2", "x-request-id", "k3", "etag", '"k4"');
  assert.deepEqual(headers, ["x-api-key", p("k1"), "X-Auth-Token", p("k2"), "x-request-id", "k3", "etag", '"k4"']);
  assert.deepEqual(places, ["header:x-api-key", "header:x-auth-token"]);
});

test("queries in fields that hold URLs are redacted like the request's own", () => {
  const { headers, places } = redacted(
    "referer",
    "https://shop/?token=abc",
    "location",
    "/next?sid=abc#access_token=abc",
    "link",
    '<https://shop/?page=2&api_key=abc>; rel="next"',
    ":path",
    "/?password=abc",
  );
  assert.deepEqual(headers, [
    "referer",
    `https://shop/?token=${p("abc")}`,
    "location",
    `/next?sid=${p("abc")}#access_token=${p("abc")}`,
    "link",
    `<https://shop/?page=2&api_key=${p("abc")}>; rel="next"`,
    ":path",
    `/?password=${p("abc")}`,
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
  assert.equal(redactHeaders(flat, testKey, new PlaceList()), flat);
});

test("a secret beyond ASCII has the pseudonym of what its UTF-8 bytes spell", () => {
  const onTheWire = Buffer.from("пароль").toString("latin1");
  const { headers } = redacted("x-api-key", onTheWire);
  assert.equal(Buffer.from(headers[1]!, "latin1").toString(), p("пароль"));
  const latin1 = redacted("x-api-key", "caf\xe9").headers[1]!;
  assert.match(latin1, /^[a-z]{3}[\xc0-\xff]$/);
});
