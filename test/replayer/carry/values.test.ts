import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { walkAnswer, walkRequest } from "../../../replayer/carry/values/message.js";
import { PlaceFilter } from "../../../replayer/carry/values/place-filter.js";
import type { Spot, Visit } from "../../../replayer/carry/values/spot.js";
import type { Request } from "../../../tape/index.js";
import { answerOf, placesOf, requestOf } from "../../support/carry.js";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const jwt = (claims: object) =>
  `${Buffer.from('{"alg":"HS256"}').toString("base64url")}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2lnbmF0dXJl`;

function textOf({ body }: Pick<Request, "body">): string {
  return body.kind === "whole" ? Buffer.from(body.bytes).toString() : "";
}

test("a value is met wherever a request can hold one, and its place says where", () => {
  const found = placesOf(
    requestOf({
      method: "POST",
      path: "/v1/orders/a%20b;x=1?cursor=q%2Bq&cursor=second",
      headers: [
        ["authorization", "Bearer tokentokentoken"],
        ["Cookie", 'sid=abc; theme="dark"'],
        ["x-cart", "cart-000001"],
        ["referer", "http://shop/orders/1007?page=2"],
        ["user-agent", "curl"],
      ],
      body: `{"a":{"b":[1,"two",null,true]},"state":"${base64('{"order":1007}')}","jwt":"${jwt({ sub: "u-1" })}"}`,
    }),
  );
  for (const place of [
    "path/1=v1",
    "path/2=orders",
    "path/3=a b",
    "query:cursor=q+q",
    "query:cursor#2=second",
    "header:authorization=tokentokentoken",
    "cookie:sid=abc",
    "cookie:theme=dark",
    "header:x-cart=cart-000001",
    "header:referer|path/2=1007",
    "header:referer|query:page=2",
    "body:/a/b/0=1",
    "body:/a/b/1=two",
    "body:/state|base64:/order=1007",
    "body:/jwt|jwt:/sub=u-1",
  ]) {
    assert.ok(found.includes(place), `${place} in\n${found.join("\n")}`);
  }
  assert.ok(!found.some((place) => place.includes("curl")), "what the client is says nothing of its session");
});

test("an answer gives the values of cookies, of a redirect, and of hidden inputs", () => {
  const page = `<FORM action='/cart/c_77/pay'><input type=hidden value="t&amp;k" name="csrf"><input name=empty value=""></form><meta name="csrf-token" content="meta1234">`;
  const found = placesOf(
    answerOf(page, [
      ["content-type", "text/html; charset=utf-8"],
      ["set-cookie", "sid=abc%3D; Path=/; HttpOnly"],
      ["location", "/account/17?welcome=yes"],
    ]),
  );
  assert.deepEqual(found, [
    "body|form:1=/cart/c_77/pay",
    "body|form:1|path/1=cart",
    "body|form:1|path/2=c_77",
    "body|form:1|path/3=pay",
    "body|input:csrf=t&k",
    "body|meta:csrf-token=meta1234",
    "set-cookie:sid=abc%3D",
    "header:location=/account/17?welcome=yes",
    "header:location|path/1=account",
    "header:location|path/2=17",
    "header:location|query:welcome=yes",
  ]);
});

test("what is replaced keeps its format: encoding, JSON types, base64, the bytes around it", () => {
  const request = requestOf({
    path: "/orders/1007/a%20b?c=x%2By&d=plain&e=1+2",
    headers: [
      ["authorization", "Bearer old"],
      ["cookie", "a=1; sid=old ;b=2"],
    ],
    body: `{ "n": 1007 , "s": "1007", "e": "\\u0041", "b": "${base64('{"order":1007,"x":"é"}')}" }`,
  });
  const values: Record<string, string> = {
    "path/2": "77/8",
    "path/3": "c d",
    "query:c": "p+q",
    "query:d": "r&s",
    "query:e": "3 4",
    "header:authorization": "new",
    "cookie:sid": "n;w",
    "body:/n": "42",
    "body:/s": "43",
    "body:/e": 'q"',
    "body:/b|base64:/order": "44",
  };
  const written = walkRequest(request, ({ place }) => values[place]);
  assert.equal(written.path, "/orders/77%2F8/c%20d?c=p%2Bq&d=r%26s&e=3+4");
  assert.deepEqual(written.headers, [
    ["authorization", "Bearer new"],
    ["cookie", "a=1; sid=n%3Bw;b=2"],
  ]);
  assert.equal(textOf(written), `{ "n": 42 , "s": "43", "e": "q\\"", "b": "${base64('{"order":44,"x":"é"}')}" }`);
  assert.equal(
    written.body.kind === "whole" && written.body.bytes === (request.body as { bytes: unknown }).bytes,
    false,
  );
});

test("a number is a number as long as the live value is one", () => {
  const request = requestOf({ body: '{"id":1}' });
  assert.equal(textOf(walkRequest(request, () => "a7")), '{"id":"a7"}');
  assert.equal(textOf(walkRequest(request, () => "9007199254740993")), '{"id":9007199254740993}');
});

test("nobody can sign a token again: what is inside one is met, marked, and never written", () => {
  const token = jwt({ sub: "user-0001" });
  const request = requestOf({ headers: [["authorization", `Bearer ${token}`]] });
  const signed: string[] = [];
  const written = walkRequest(request, (spot) => {
    if (!spot.isSigned) return undefined;
    signed.push(spot.place);
    return "other";
  });
  assert.deepEqual(signed, ["header:authorization|jwt:/sub"]);
  assert.equal(written, request);
});

test("content codings are undone and done again", () => {
  const bytes = gzipSync('{"id":1007}');
  const answer = {
    ...answerOf("x", [
      ["content-encoding", "gzip"],
      ["content-type", "application/json"],
    ]),
    body: { kind: "whole" as const, bytes, hash: "00" },
  };
  const written = walkAnswer(answer, () => "1008");
  assert.ok(written.kind === "response" && written.body.kind === "whole");
  assert.equal(gunzipSync(written.body.bytes).toString(), '{"id":1008}');
});

const anyText = fc.oneof(
  fc.constantFrom("a", "two words", "/orders/7?page=2", base64('{"order":1007}'), jwt({ sub: "u-1" }), "x"),
  fc.string(),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, anyText, fc.integer(), fc.constant(null), tie("list"), tie("object")),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(fc.constantFrom("a", "b", "1", "x|y", "~/", ""), tie("value"), { maxKeys: 4 }),
}));

test("a walk that looks for some places passes by none of them, and tells the others as they are", () => {
  fc.assert(
    fc.property(anyValue, anyText, fc.func(fc.boolean()), fc.boolean(), (body, field, choose, byGroup) => {
      const answer = answerOf(JSON.stringify(body), [["x-token", field]]);
      const met = (lookedFor?: PlaceFilter) => {
        const found: { place: string; grouped: string; value: string }[] = [];
        const visit = ({ place, groupedPlace: grouped, value }: Spot) => void found.push({ place, grouped, value });
        walkAnswer(answer, visit as Visit, lookedFor);
        return found;
      };
      const all = met();
      const nameOf = ({ place, grouped }: { place: string; grouped: string }) => (byGroup ? grouped : place);
      const wanted = new Set(all.map(nameOf).filter((name) => choose(name)));
      const some = met(new PlaceFilter(wanted));
      const [everything, found] = [all, some].map((spots) => new Set(spots.map((spot) => JSON.stringify(spot))));
      for (const spot of all) if (wanted.has(nameOf(spot))) assert.ok(found!.has(JSON.stringify(spot)), spot.place);
      for (const spot of found!) assert.ok(everything!.has(spot), spot);
    }),
    { numRuns: 500 },
  );
});

test("what nobody looks for is passed by", () => {
  const met: string[] = [];
  const answer = answerOf(
    JSON.stringify({ id: "a", list: [{ id: 1, more: { id: 2 } }, { id: 3 }], state: base64("{}") }),
  );
  const visit = ({ place }: Spot) => void met.push(place);
  walkAnswer(answer, visit as Visit, new PlaceFilter(["body:/list/*/id"]));
  assert.deepEqual(met, ["body:/list/0/id", "body:/list/1/id"]);
});

test("a walk that replaces nothing gives the very same message, whatever bytes it holds", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.uint8Array({ maxLength: 64 }),
      fc.webPath(),
      (name, value, bytes, path) => {
        const request = {
          ...requestOf({
            path: `/${path}?${name}=${value}`,
            headers: [
              ["cookie", value],
              ["x-a", value],
            ],
          }),
          body: { kind: "whole" as const, bytes, hash: "00" },
        };
        assert.equal(
          walkRequest(request, () => undefined),
          request,
        );
      },
    ),
  );
});

test("writing the value that is there changes no meaning: what is read is the same again", () => {
  fc.assert(
    fc.property(fc.json(), fc.webQueryParameters(), fc.webSegment(), (json, query, segment) => {
      const request = requestOf({ path: `/a/${segment}?${query}`, body: json });
      const before = placesOf(request);
      const written = walkRequest(request, (spot) => spot.value);
      // What is decoded inside a value is not looked at once that value was written.
      assert.deepEqual(placesOf(written).sort(), before.sort());
    }),
  );
});
