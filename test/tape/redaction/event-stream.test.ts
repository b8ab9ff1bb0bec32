import assert from "node:assert/strict";
import { test } from "node:test";
import { pseudonymOf } from "../../../tape/index.js";
import { redactEventStream } from "../../../tape/redaction/event-stream.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey } from "../../support/redaction.js";

test("JSON in data lines is redacted event by event, and line ends stay", () => {
  const places = new PlaceList();
  const text =
    'event: a\r\ndata: {"token":"t1"}\r\n\r\n: note\ndata:{"x":1}\n\ndata: plain token\n\ndata: [{"pin":12}]\n\n';
  assert.deepEqual(redactEventStream(text, testKey, places), {
    kind: "redacted",
    text: text.replace("t1", pseudonymOf("t1", testKey)).replace("12", pseudonymOf("12", testKey)),
  });
  assert.deepEqual(places.list(), ["body:event 0 /token", "body:event 3 /0/pin"]);
});

test("JSON spread over several lines cannot be redacted", () => {
  assert.deepEqual(redactEventStream('data: {"token":\ndata: "t1"}\n\n', testKey, new PlaceList()), {
    kind: "damaged",
  });
});
