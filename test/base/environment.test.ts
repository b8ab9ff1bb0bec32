import assert from "node:assert/strict";
import { test } from "node:test";
import { configFolder } from "../../base/index.js";

test("the config folder follows XDG_CONFIG_HOME", () => {
  assert.equal(configFolder({ XDG_CONFIG_HOME: "/x" }), "/x/tapeloop");
  assert.match(configFolder({}), /\.config\/tapeloop$/);
});
