import assert from "node:assert/strict";
import { test } from "node:test";
import { plainHead } from "../../../replayer/send/plain-request.js";
import { wireRequest } from "../../support/wire-request.js";

const own = { list: () => ["x-own", "1"], lines: () => "x-own: 1\r\n" };

test("a plain request is written with its authority first, its fields in order, its length last", () => {
  const headers = ["X-B", "1", "x-a", "caf\xe9"];
  assert.equal(
    plainHead(wireRequest({ path: "/a?b=c", headers, own })),
    "GET /a?b=c HTTP/1.1\r\nhost: service.test\r\nX-B: 1\r\nx-a: caf\xe9\r\nx-own: 1\r\n\r\n",
  );
  assert.equal(
    plainHead(wireRequest({ method: "PUT", body: Buffer.from("abc"), hasLength: true })),
    "PUT / HTTP/1.1\r\nhost: service.test\r\ncontent-length: 3\r\n\r\n",
  );
  assert.equal(
    plainHead(wireRequest({ method: "PUT", body: Buffer.alloc(27) })),
    "PUT / HTTP/1.1\r\nhost: service.test\r\ntransfer-encoding: chunked\r\n\r\n1b\r\n",
  );
  assert.equal(
    plainHead(wireRequest({ method: "POST" })),
    "POST / HTTP/1.1\r\nhost: service.test\r\ncontent-length: 0\r\n\r\n",
  );
});

test("everything else is left to a full client", () => {
  const left = [
    { method: "GET", body: Buffer.from("x") },
    { method: "TRACE" },
    { method: "G ET" },
    { path: "*" },
    { path: "/a b" },
    { path: "/a\r\nx: y" },
    { path: "http://a/b" },
    { authority: "a\r\nx: y" },
    { headers: ["x", "a\r\nb: c"] },
    { headers: ["x y", "a"] },
    { headers: ["x", "\u0100"] },
    { own: { list: () => ["x", "\0"], lines: () => undefined } },
    { trailers: ["x-sum", "1"] },
  ];
  for (const changes of left) assert.equal(plainHead(wireRequest(changes)), undefined, JSON.stringify(changes));
});
