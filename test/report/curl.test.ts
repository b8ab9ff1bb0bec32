import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { curlLine } from "../../report/curl.js";
import type { SentRequest } from "../../tape/index.js";
import { stepRecord } from "../support/bookinfo-run.js";

const lane = { target: "http://127.0.0.1:8081/" };

test("a GET is sent again by one short line", () => {
  assert.equal(curlLine(stepRecord(), lane), "curl -sSi http://127.0.0.1:8081/reviews/0");
});

test("methods, bodies, HTTP/2 and paths that curl would rewrite have their options", () => {
  const line = (changes: Parameters<typeof stepRecord>[0]) => curlLine(stepRecord(changes), lane);
  assert.match(line({ method: "HEAD" })!, / --head /);
  assert.match(line({ method: "POST" })!, / --request POST --data-binary @BODY http/);
  assert.match(line({ method: "DELETE" })!, / --request DELETE http/);
  assert.match(line({ protocol: "h2" })!, / --http2-prior-knowledge /);
  assert.match(line({ path: "/a/../b" })!, / --path-as-is /);
  assert.match(line({ path: "/a[1]" })!, / --globoff /);
  assert.equal(line({ path: "*" }), undefined);
});

test("files of TLS that the lane was replayed with are given to curl, too", () => {
  const secure = { target: "https://127.0.0.1:8443", tls: { ca: "ca.pem", cert: "our.pem", key: "our.key" } };
  assert.equal(
    curlLine(stepRecord(), secure),
    "curl -sSi --cacert ca.pem --cert our.pem --key our.key https://127.0.0.1:8443/reviews/0",
  );
});

test("a shell takes the address as one word, whatever is in it", () => {
  const path = "/a?b='$(touch x)`&c=\"d\\";
  const line = curlLine(stepRecord({ path }), lane)!;
  const words = execFileSync("/bin/sh", ["-c", `curl() { printf '%s\\n' "$@"; }; ${line}`], { encoding: "utf8" });
  assert.deepEqual(words.trimEnd().split("\n"), ["-sSi", `http://127.0.0.1:8081${path}`]);
});

const sentRequest = (changes: Partial<SentRequest>): SentRequest => ({
  step: 3,
  headers: [
    ["accept", "text/html"],
    ["x-quote", "it's"],
    ["x-latin", "caf\xe9"],
    ["x-empty", ""],
  ],
  given: ["Authorization", "x-api-key"],
  body: { kind: "empty" },
  ...changes,
});

const whole = (text: string) => ({ kind: "whole", bytes: Buffer.from(text), hash: "00" }) as const;

/** What curl would be called with, each argument between angle brackets, and what it would read. */
function calledWith(line: string): string {
  const shim = `curl() { for word in "$@"; do printf '<%s>' "$word"; if [ "$word" = @- ]; then printf '='; cat; fi; done; }`;
  const env = { AUTHORIZATION: "Bearer live", X_API_KEY: "k" };
  return execFileSync("/bin/sh", ["-c", `${shim}; ${line}`], { encoding: "latin1", env });
}

test("with what was sent the line is complete: fields byte for byte, given ones as variables, the body", () => {
  const line = curlLine(stepRecord({ method: "POST" }), lane, sentRequest({ body: whole('{"a":"it\'s"}') }))!;
  assert.doesNotMatch(line, /Bearer/);
  assert.equal(
    calledWith(line),
    `<-sSi><--request><POST><-H><accept: text/html><-H><x-quote: it's><-H><x-latin: caf\xe9><-H><x-empty;>` +
      `<-H><Authorization: Bearer live><-H><x-api-key: k><-H><user-agent:><-H><content-type:>` +
      `<--data-binary><{"a":"it's"}><http://127.0.0.1:8081/reviews/0>`,
  );
});

test("a body that is no plain text is piped, byte for byte; one that is long or cut comes from a file", () => {
  const line = (body: SentRequest["body"]) =>
    curlLine(stepRecord({ method: "PUT" }), lane, sentRequest({ headers: [], given: [], body }))!;
  const bytes = Buffer.from([0x40, 0x0a, 0xff, 0x25, 0x5c, 0x27, 0x09, 0x2d]);
  assert.match(calledWith(line({ kind: "whole", bytes, hash: "" })), /<@->=@\n\xff%\\'\t-</);
  assert.match(calledWith(line(whole("@file"))), /<@->=@file</);
  assert.match(line({ kind: "cut", bytes, fullBytes: 9, hash: "" }), / --data-binary @BODY /);
  assert.match(line(whole("x".repeat(70_000))), / --data-binary @BODY /);
  assert.doesNotMatch(line({ kind: "empty" }), /data-binary/);
});
