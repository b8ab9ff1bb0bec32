import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { curlLine } from "../../report/curl.js";
import { stepRecord } from "../support/bookinfo-run.js";

const lane = { target: "http://127.0.0.1:8081/" };

test("a GET is sent again by one short line", () => {
  assert.equal(curlLine(stepRecord(), lane), "curl -sSi http://127.0.0.1:8081/reviews/0");
});

test("methods, bodies, HTTP/2 and paths that curl would rewrite have their options", () => {
  const line = (changes: Parameters<typeof stepRecord>[0]) => curlLine(stepRecord(changes), lane);
  assert.match(line({ method: "HEAD" })!, / --head /);
  assert.match(line({ method: "POST" })!, / --request POST --data-binary @BODY /);
  assert.match(line({ method: "DELETE" })!, / --request DELETE http/);
  assert.match(line({ protocol: "h2" })!, / --http2-prior-knowledge /);
  assert.match(line({ path: "/a/../b" })!, / --path-as-is /);
  assert.match(line({ path: "/a[1]" })!, / --globoff /);
  assert.equal(line({ path: "*" }), undefined);
});

test("a shell takes the address as one word, whatever is in it", () => {
  const path = "/a?b='$(touch x)`&c=\"d\\";
  const line = curlLine(stepRecord({ path }), lane)!;
  const words = execFileSync("/bin/sh", ["-c", `curl() { printf '%s\\n' "$@"; }; ${line}`], { encoding: "utf8" });
  assert.deepEqual(words.trimEnd().split("\n"), ["-sSi", `http://127.0.0.1:8081${path}`]);
});
