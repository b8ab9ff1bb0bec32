import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { fakeIo } from "../support/io.js";

test("help and version end with 0, on stdout", async () => {
  for (const words of [["--help"], ["--version"], ["replay", "--help"], ["tape", "ls", "--help"]]) {
    const io = fakeIo();
    assert.equal(await runCommandLine(words, io), 0, words.join(" "));
    assert.notEqual(io.out(), "");
    assert.equal(io.err(), "");
  }
});

test("every word of the command line shows an example in its help", async () => {
  for (const words of [
    ["record"],
    ["tape", "ls"],
    ["tape", "show"],
    ["tape", "stats"],
    ["replay"],
    ["report"],
    ["demo"],
  ]) {
    const io = fakeIo();
    await runCommandLine([...words, "--help"], io);
    assert.match(io.out(), /Examples?:\n +\$ tapeloop /, words.join(" "));
  }
});

test("wrong usage ends with 2 and says what is wrong", async () => {
  const cases: [string[], RegExp][] = [
    [["recrod"], /unknown command 'recrod'/],
    [["record"], /record: --listen <host:port> is needed.*TAPELOOP_LISTEN/],
    [["record", "--listen", "127.0.0.1:0", "--tape", "x.db", "--mode", "sideways"], /--mode: .*\(got "sideways"\)/],
    [
      ["record", "--listen", "127.0.0.1:0", "--tape", "x.db", "--mode", "inbound"],
      /--upstream: is needed by --mode inbound/,
    ],
    [
      ["record", "--listen", "127.0.0.1:0", "--tape", "x.db", "--upstream", "http://127.0.0.1:1"],
      /--upstream: is for --mode inbound/,
    ],
    ...["127.0.0.1:8080", "0.0.0.0:8080", "localhost:8080"].map((listen): [string[], RegExp] => [
      ["record", "--mode", "inbound", "--listen", listen, "--tape", "x.db", "--upstream", "http://127.0.0.1:8080"],
      /--upstream: is where this recorder itself listens/,
    ]),
    [["record", "--listen", "127.0.0.1:0", "--tape", "x.db", "--queue", "8KiB"], /--queue: must be at least 72KiB/],
    [["replay", "tape.db"], /no lane holds the new version: give --target URL/],
    [
      ["replay", "t.db", "--target", "http://127.0.0.1:1", "--entry", "--service", "a"],
      /--service: cannot go with --entry/,
    ],
    [["tape", "show", "tape.db"], /give the tape, then the id/],
    [["tape", "stats", "/nowhere/tape.db"], /\/nowhere\/tape\.db/],
  ];
  for (const [words, said] of cases) {
    const io = fakeIo();
    assert.equal(await runCommandLine(words, io), 2, words.join(" "));
    assert.match(io.err(), said);
    assert.doesNotMatch(io.err(), /\n\s+at /, "no stack trace");
  }
});
