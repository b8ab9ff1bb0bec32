import assert from "node:assert/strict";
import { test } from "node:test";
import { pseudonymOf } from "../../../tape/index.js";
import { redactEventStream } from "../../../tape/redaction/event-stream.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey, testRedaction } from "../../support/redaction.js";

test("JSON in data lines is redacted event by event, and line ends stay", () => {
  const places = new PlaceList();
  const text =
    'event: a\r\ndata: {"token":"tok1"}\r\n\r\n: note\ndata:{"x":1}\n\ndata: plain token\n\ndata: [{"pin":1234}]\n\n';
  assert.deepEqual(redactEventStream(text, testRedaction, places), {
    kind: "redacted",
    text: text.replace("tok1", pseudonymOf("tok1", testKey)).replace("1234", pseudonymOf("1234", testKey)),
  });
  assert.deepEqual(places.list(), ["body:event 0 /token", "body:event 3 /0/pin"]);
});

test("JSON spread over several lines is read as one, and damaged JSON that names a secret as none", () => {
  const redacted = (text: string) => redactEventStream(text, testRedaction, new PlaceList());
  assert.deepEqual(redacted('data: {"token":\ndata: "tok1"}\n\n'), {
    kind: "redacted",
    text: `data: {"token":\ndata: "${pseudonymOf("tok1", testKey)}"}\n\n`,
  });
  assert.deepEqual(redacted('data: {"token": tok1}\n\n'), { kind: "damaged" });
});

test("text in events, their ids and comments are searched too", () => {
  const places = new PlaceList();
  const text = `id: ann@shop.example\n: key AKIAIOSFODNN7EXAMPLE\ndata: Bearer abcdef0123456789\n\n`;
  const redacted = redactEventStream(text, testRedaction, places);
  assert.ok(redacted.kind === "redacted");
  assert.doesNotMatch(redacted.text, /ann@|IOSFODNN|abcdef0123/);
  assert.match(redacted.text, /^id: \w{3}@.*\n: key AKIA[A-Z0-9]{16}\ndata: Bearer [0-9a-f]{16}\n\n$/);
  assert.deepEqual(places.list(), ["body:event 0"]);
});
