import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOutboundRoutes } from "../../../recorder/outbound/parse-routes.js";

const parse = (text: string) => parseOutboundRoutes(text, "routes.yaml", (files) => files);

test("routes, default and allowed hosts are read", () => {
  const {
    routes,
    default: rest,
    allow,
  } = parse(`
routes:
  - { host: reviews, upstream: "http://127.0.0.1:9081" }
  - { host: "*.pay.example:443", upstream: "https://pay.example", tls: { ca: pay.pem, serverName: pay } }
default: as-named
allow: ["*.svc", "[::1]:80"]
`);
  assert.deepEqual(
    routes.map(({ host, upstream }) => [host, upstream.hostname, upstream.port, upstream.tls]),
    [
      ["reviews", "127.0.0.1", 9081, undefined],
      ["*.pay.example:443", "pay.example", 443, { ca: "pay.pem", servername: "pay" }],
    ],
  );
  assert.deepEqual([rest, allow], ["as-named", ["*.svc", "[::1]:80"]]);
});

test("a default may be one upstream, and an empty file holds no routes", () => {
  const { default: rest } = parse('default: { upstream: "http://[::1]:8080" }');
  assert.deepEqual(rest !== "as-named" && [rest?.hostname, rest?.port], ["::1", 8080]);
  assert.deepEqual(parse(""), { routes: [] });
});

for (const [text, said] of [
  ["routes: [{ host: a }]", /^routes\.yaml: routes\[0\]\.upstream: /],
  ['routes: [{ host: "a/b", upstream: "http://a" }]', /routes\[0\]\.host: must be a host .*"a\/b"/],
  ['routes: [{ host: a, upstream: "http://a/b" }]', /routes\[0\]\.upstream: must be a URL/],
  ['routes: [{ host: a, upstream: "http://a", hots: b }]', /unknown key "routes\[0\]\.hots"/],
  ["default: elsewhere", /^routes\.yaml: default/],
  ["routes: [", /^cannot read routes from routes\.yaml: /],
] as const) {
  test(`refused, with its place: ${text}`, () => {
    assert.throws(() => parse(text), { name: "OperatorError", message: said });
  });
}
