import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { exportTape, parseWhere } from "../../tape/index.js";
import { testKey } from "../support/captured.js";
import { tapeOf } from "../support/replay-tape.js";

function sink(): { out: Writable; bytes(): Buffer } {
  const pieces: Buffer[] = [];
  const out = new Writable({ write: (piece, _encoding, done) => done(void pieces.push(piece)) });
  return { out, bytes: () => Buffer.concat(pieces) };
}

const three = () =>
  tapeOf([
    { startMs: 1, path: "/a" },
    { startMs: 2, path: "/b", status: 503 },
    { startMs: 3, path: "/c" },
  ]);

test("only what is selected is written, in each format", async () => {
  for (const format of ["har", "gor", "curl"] as const) {
    const { out, bytes } = sink();
    const { exchanges } = await exportTape(await three(), out, {
      format,
      version: "1",
      which: parseWhere("status = 503"),
    });
    assert.equal(exchanges, 1);
    const text = bytes().toString("utf8");
    assert.ok(text.includes("/b") && !/\/a\b.*HTTP|reviews:9080\/[ac]/.test(text), text);
  }
});

test("gzip is the same, packed", async () => {
  const [plain, packed] = [sink(), sink()];
  await exportTape(await three(), plain.out, { format: "har", version: "1", key: testKey });
  await exportTape(await three(), packed.out, { format: "har", version: "1", key: testKey, gzip: true });
  assert.deepEqual(gunzipSync(packed.bytes()), plain.bytes());
});

test("who reads slowly is waited for, and who goes away stops it", async () => {
  let asked = 0;
  const gone = new Writable({
    write(_piece, _encoding, done) {
      asked++;
      done(new Error("the reader went away"));
    },
  });
  await assert.rejects(exportTape(await three(), gone, { format: "gor", version: "1" }), /the reader went away/);
  assert.equal(asked, 1);
});

test("an interrupted export rejects", async () => {
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(exportTape(await three(), sink().out, { format: "gor", version: "1", signal: stop.signal }), {
    name: "AbortError",
  });
});
