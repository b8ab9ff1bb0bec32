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
