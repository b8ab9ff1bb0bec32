import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../../cli/run.js";
import { fakeIo } from "../../support/io.js";
import { shopCalls, tapeOf } from "../../support/service-tape.js";
import { tempFolder } from "../../support/temp.js";

async function ran(folder: string, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo({ folder });
  const code = await runCommandLine(["tape", "select", ...words], io);
  return { code, out: io.out(), err: io.err() };
}

/** The three calls of the shop, and the checkout once more: it brings nothing. */
async function shopTape(t: TestContext): Promise<string> {
  return tapeOf(t, [
    ...shopCalls,
    { service: "shop", path: "/checkout/4712", at: [200, 300], id: "third-request-00001" },
  ]);
}

test("a cover is printed as ids with what each is there for, and written as a tape", async (t) => {
  const tape = await shopTape(t);
  const out = join(tempFolder(t), "cover.db");
  const { code, out: printed, err } = await ran("/", tape, "--cover", "--json");
  assert.deepEqual([code, err], [0, ""]);
  const { cover } = JSON.parse(printed) as { cover: { calls: { id: number; route: string }[]; of: number } };
  assert.equal(cover.of, 4);
  assert.deepEqual(cover.calls.map(({ route }) => route).sort(), [
    "GET /checkout/{id}",
    "GET /mail",
    "GET /stock/{id}",
  ]);
  const text = await ran("/", tape, "--cover", "--service", "stock", "--out", out);
  assert.match(
    text.out,
    /^# 1 of 1 calls cover 1 routes .*; written to .*cover\.db\n\d+ {2}# GET \/stock\/\{id\} 503 \(brings \d+\)\n$/,
  );
  assert.ok(existsSync(out));
});

test("what is pinned is in every cover until it is unpinned, and is said when the tape has it no more", async (t) => {
  const tape = await shopTape(t);
  const all = JSON.parse((await ran("/", tape, "--cover", "--json")).out) as { cover: { calls: { id: number }[] } };
  const chosen = all.cover.calls.map(({ id }) => id);
  const [first] = chosen;
  const left = [first! + 1, 1, 2].find((id) => !chosen.includes(id) && id > 0)!;
  const pinned = await ran("/", tape, "--pin", String(left));
  assert.match(pinned.out, new RegExp(`^${left} {2}GET /checkout/4712 200\n$`));
  assert.deepEqual(JSON.parse(readFileSync(join(tape, "pins.json"), "utf8")), {
    pins: [{ id: left, call: "GET /checkout/4712 200" }],
  });
  const covered = await ran("/", tape, "--cover");
  assert.match(covered.out, new RegExp(`^${left} +# GET /checkout/\\{id\\} 200 \\(pinned`, "m"));
  const file = join(tempFolder(t), "other.json");
  writeFileSync(file, '{"pins":[{"id":77,"call":"GET /gone 200"}]}');
  const gone = await ran("/", tape, "--cover", "--pins", file);
  assert.match(gone.err, /^tapeloop: pinned and not on this tape: 77; --unpin takes them out\n$/);
  assert.equal((await ran("/", tape, "--unpin", "77", "--pins", file)).out, "no pins\n");
});

test("an OpenAPI file is held against the calls of a service", async (t) => {
  const tape = await shopTape(t);
  const file = join(tempFolder(t), "api.yaml");
  writeFileSync(file, 'openapi: 3.1.0\npaths: { "/stock/{id}": { get: { responses: { "200": {}, "404": {} } } } }\n');
  const { code, out } = await ran("/", tape, "--openapi", file, "--service", "stock");
  assert.equal(code, 0);
  assert.deepEqual(out.replaceAll(file, "FILE").split("\n"), [
    "# 0 of 2 operations × status of FILE are on the tape",
    "# never met: GET /stock/{id} 200",
    "# never met: GET /stock/{id} 404",
    "# not in the file: GET /stock/{id} 503 (1 calls, no such status)",
    "",
  ]);
});

test("nothing to do, ids that are not there and an output without a cover are refused", async (t) => {
  const tape = await shopTape(t);
  for (const [words, said] of [
    [[], /--cover: say what to do/],
    [["--pin", "77"], /cannot pin 77: the tape has no Exchange with that id/],
    [["--unpin", "77"], /cannot unpin 77: .*pins\.json has no such pin/],
    [["--openapi", "no.yaml"], /cannot read OpenAPI file no\.yaml/],
    [["--pin", "1", "--out", "x"], /--out: goes with --cover/],
  ] as const) {
    const { code, err } = await ran("/", tape, ...words);
    assert.equal(code, 2);
    assert.match(err, said);
  }
});
