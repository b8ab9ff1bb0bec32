import assert from "node:assert/strict";
import { test } from "node:test";
import { openProgress } from "../../cli/progress.js";
import { fakeIo } from "../support/io.js";

test("progress is quiet in a pipe", () => {
  const io = fakeIo();
  const progress = openProgress(io);
  progress.show("1 of 2");
  progress.end();
  assert.equal(io.err(), "");
});

test("on a terminal it rewrites one line, and clears it at the end", () => {
  const written: string[] = [];
  const io = fakeIo({ stderr: { isTTY: true, write: (text) => written.push(text) } });
  const progress = openProgress(io);
  progress.show("1 of 2");
  progress.end();
  assert.deepEqual(written, ["\r\x1b[2K1 of 2", "\r\x1b[2K"]);
});
