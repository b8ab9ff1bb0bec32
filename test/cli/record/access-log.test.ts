import assert from "node:assert/strict";
import { test } from "node:test";
import { accessLogOptionsOf } from "../../../cli/record/access-log.js";
import { newHome, tapeloop } from "../../support/command-line.js";

test("an access log is a door of its own, where one is asked for", () => {
  assert.deepEqual(accessLogOptionsOf({}), {});
  assert.deepEqual(accessLogOptionsOf({ accessLog: "127.0.0.1:0" }), { accessLog: { listen: "127.0.0.1:0" } });
});

test("beside another mode than mirror it is refused in one line, and no tape is left open", async (t) => {
  const words = ["record", "--mode", "ext-proc", "--listen", "127.0.0.1:0", "--access-log", "127.0.0.1:0"];
  const { code, stderr } = await tapeloop(t, newHome(t), [...words, "--tape", "tape.db"]);
  assert.equal(code, 2);
  assert.match(stderr, /^tapeloop: recorder: an access log .* needs mode mirror \(got ext-proc\)\n$/);
});
