import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions } from "../../simple-service/options.js";
import { Refusal } from "../../simple-service/refusal.js";

test("flags are read, peers by name", () => {
  const options = parseOptions([
    "--port",
    "80",
    "--name",
    "a",
    "--peer",
    "b=http://127.0.0.1:1",
    "--peer",
    "c=http://d:2",
  ]);
  assert.ok(options !== "help");
  assert.deepEqual([options.port, options.name, options.peers.get("c")?.host], [80, "a", "d:2"]);
});

test("bad flags are refused with what was given", () => {
  const cases: [args: string[], words: RegExp][] = [
    [["--port", "70000"], /--port 70000: must be 0 to 65535/],
    [["--port", "x"], /--port x/],
    [["--peer", "nothing"], /--peer nothing: must be NAME=http:\/\/HOST:PORT/],
    [["--peer", "a=https://b"], /--peer a=https:\/\/b/],
    [["--naem", "a"], /--naem/],
    [["stray"], /stray/],
  ];
  for (const [args, words] of cases)
    assert.throws(
      () => parseOptions(args),
      (thrown) => thrown instanceof Refusal && words.test(thrown.message),
      args.join(" "),
    );
});
