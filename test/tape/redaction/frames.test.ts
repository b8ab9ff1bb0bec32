import assert from "node:assert/strict";
import { test } from "node:test";
import { type CapturedFrame, pseudonymOf } from "../../../tape/index.js";
import { redactFrames } from "../../../tape/redaction/frames.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey, testRedaction } from "../../support/redaction.js";

/** Messages of a stream and the body that holds them, one after the other. */
function stream(...messages: [CapturedFrame["direction"], CapturedFrame["kind"], string][]) {
  const offsets = { "to-server": 0, "to-client": 0 };
  const frames = messages.map(([direction, kind, text], at): CapturedFrame => {
    const length = Buffer.byteLength(text);
    const offset = offsets[direction];
    offsets[direction] += length;
    return { direction, kind, atMs: at, offset, length };
  });
  const body = (direction: CapturedFrame["direction"]) =>
    Buffer.from(messages.flatMap(([to, , text]) => (to === direction ? [text] : [])).join(""));
  return { frames, body };
}

function messagesOf(bytes: Uint8Array, frames: readonly CapturedFrame[]): string[] {
  return frames
    .filter((frame) => frame.direction === "to-server")
    .map(({ offset, length }) => Buffer.from(bytes.subarray(offset, offset + length)).toString());
}

test("each message is redacted by itself, and the offsets after it move with its length", () => {
  // The escaped form of é is longer than what is written back, so lengths change.
  const secret = "caf\\u00e9";
  const { frames, body } = stream(
    ["to-server", "text", "hello"],
    ["to-client", "text", '{"token":"other direction"}'],
    ["to-server", "text", `{"login":{"token":"${secret}"}}`],
    ["to-server", "ping", "p"],
    ["to-server", "text", '{"pin":"4711"}'],
    ["to-server", "binary", "\u0001end"],
  );
  const places = new PlaceList();
  const redacted = redactFrames(body("to-server"), frames, "to-server", undefined, testRedaction, places)!;
  assert.deepEqual(messagesOf(redacted.bytes, redacted.frames), [
    "hello",
    `{"login":{"token":"${pseudonymOf("café", testKey)}"}}`,
    "p",
    `{"pin":"${pseudonymOf("4711", testKey)}"}`,
    "\u0001end",
  ]);
  assert.equal(redacted.frames[1], frames[1]);
  assert.deepEqual(places.list(), ["frame:2/login/token", "frame:4/pin"]);
});

test("what pings carry and why a connection is closed is redacted, the code of the close is not", () => {
  const { frames, body } = stream(
    ["to-server", "ping", "token=hunter2-4711"],
    ["to-server", "pong", "token=hunter2-4711"],
    ["to-server", "close", "\x03\x68bad token=hunter2-4711"],
    ["to-server", "close", "\x03\x68"],
  );
  const places = new PlaceList();
  const redacted = redactFrames(body("to-server"), frames, "to-server", undefined, testRedaction, places)!;
  const kept = pseudonymOf("hunter2-4711", testKey);
  assert.deepEqual(messagesOf(redacted.bytes, redacted.frames), [
    `token=${kept}`,
    `token=${kept}`,
    `\x03\x68bad token=${kept}`,
    "\x03\x68",
  ]);
  assert.deepEqual(places.list(), ["frame:0", "frame:1", "frame:2"]);
});

test("a message that names a secret and is cut or damaged is replaced whole", () => {
  const { frames, body } = stream(
    ["to-server", "text", '{"token":nonsense-1}'],
    ["to-server", "text", '{"token":"hunter2"}'],
  );
  const cut = body("to-server").subarray(0, -3);
  const places = new PlaceList();
  const redacted = redactFrames(cut, frames, "to-server", undefined, testRedaction, places)!;
  assert.doesNotMatch(Buffer.from(redacted.bytes).toString(), /nonsense|hunter/);
  assert.deepEqual(places.list(), ["frame:0", "frame:1"]);
});

test("messages without secrets are not copied", () => {
  const { frames, body } = stream(["to-server", "text", "{}"], ["to-server", "text", "token"]);
  assert.equal(
    redactFrames(body("to-server"), frames, "to-server", undefined, testRedaction, new PlaceList()),
    undefined,
  );
});
