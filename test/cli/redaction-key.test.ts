import assert from "node:assert/strict";
import { test } from "node:test";
import { redactionKeySource } from "../../cli/redaction-key.js";
import { fakeIo } from "../support/io.js";

const io = fakeIo({ env: { XDG_CONFIG_HOME: "/home/config" } });
const configFolder = "/home/config/tapeloop";

test("a key setting is a file, or the key itself when it is 64 hex digits", () => {
  assert.deepEqual(redactionKeySource(undefined, io), { configFolder });
  assert.deepEqual(redactionKeySource("team.key", io), { file: "team.key", configFolder });
  const key = "0f".repeat(32);
  assert.deepEqual(redactionKeySource(key, io), { env: key, configFolder });
});

test("what looks like a key and is none is not repeated", () => {
  for (const [given, complaint] of [
    ["0f".repeat(32).slice(1), /^the redaction key is 63 hex digits, 64 are needed; /],
    ["c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=", /^the redaction key is neither .* \(44 characters\); /],
  ] as const) {
    const isQuiet = ({ message }: Error) => complaint.test(message) && !message.includes(given);
    assert.throws(() => redactionKeySource(given, io), isQuiet);
  }
});
