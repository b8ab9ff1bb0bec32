import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { decodeContent, firstValue, type Message } from "../../message/index.js";
import { openTape } from "../../tape/index.js";
import { type Home, newHome, tapeloop } from "../support/command-line.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import { foundIn, type SeededSecret, secretMaker } from "../support/secrets.js";
import {
  answerPlaces,
  bodyPlaces,
  headerPlaces,
  requestPlaces,
  type SeededMessage,
  type SeedPlace,
} from "../support/seeded-places.js";
import { askFor, sendSeeded, startSeededService, talkSeeded } from "../support/seeded-traffic.js";

/** Fills places with secrets, each another one, and remembers them. */
function seeder(salt: string) {
  const secrets: SeededSecret[] = [];
  const make = secretMaker(salt);
  const remembered: typeof make = (kind) => {
    const secret = make(kind);
    secrets.push(secret);
    return secret;
  };
  return {
    secrets,
    make: remembered,
    fill: (places: Record<string, SeedPlace>) => Object.values(places).map((place) => place(remembered)),
  };
}

const inRequests = { ...bodyPlaces, ...headerPlaces, ...requestPlaces };
const inAnswers = { ...bodyPlaces, ...headerPlaces, ...answerPlaces };

test("secrets sent to a mirror recorder are nowhere: tape, log, metrics, and what is shown", async (t) => {
  const home = newHome(t);
  const seeded = seeder("mirror");
  const recorder = await startRecorderProcess(t, home, { tape: "tape.db", more: ["--log-level", "debug"] });
  const messages = seeded.fill(inRequests);
  for (const message of messages) await sendSeeded(recorder.port, message);
  const seen = [await recorder.metrics()];
  seen.push(filesOf(home)); // while it is written: the log of the database, too
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
  seen.push(recorder.stderr, filesOf(home), await decodedTape(home), await shown(t, home));
  assert.ok(seeded.secrets.length >= 500, `${seeded.secrets.length} secrets`);
  assert.ok(seen.join("").includes("/find?"), "what is searched is the tape");
  assert.deepEqual(foundIn(seen.join("\n"), seeded.secrets), []);
});

test("secrets of both halves at an inbound recorder are nowhere, nor in what a replay leaves behind", async (t) => {
  const home = newHome(t);
  const seeded = seeder("inbound");
  let answers: readonly SeededMessage[] = seeded.fill(inAnswers);
  const service = await startSeededService(t, () => answers);
  const more = ["--mode", "inbound", "--upstream", service, "--log-level", "debug", "--service", "shop"];
  const recorder = await startRecorderProcess(t, home, { tape: "tape.db", more });
  for (const message of seeded.fill(inRequests)) await sendSeeded(recorder.port, message);
  for (const number of answers.keys()) await askFor(recorder.port, `/answer/${number}`);
  const json = `{"password":"${seeded.make("named").value}","note":"${seeded.make("jwt").value}"}`;
  await talkSeeded(recorder.port, [
    json,
    `token=${seeded.make("named").value}`,
    Buffer.from(seeded.make("github").value),
  ]);
  const metrics = await recorder.metrics();
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);

  answers = seeded.fill(inAnswers); // the next version answers with other secrets
  const replay = ["replay", "tape.db", "--target", service, "--same-target", "--skip-redacted", "--report", "report"];
  const replayed = await tapeloop(t, home, [...replay, "--min-live", "0"]);
  assert.ok(replayed.code === 0 || replayed.code === 1, replayed.stderr);
  const report = JSON.parse(readFileSync(join(home.folder, "report", "report.json"), "utf8")) as { compared: number };
  assert.equal(report.compared, answers.length);

  const said = [metrics, recorder.stderr, replayed.stdout, replayed.stderr, await shown(t, home)];
  const everything = [...said, filesOf(home), await decodedTape(home)].join("\n");
  assert.ok(seeded.secrets.length >= 1000, `${seeded.secrets.length} secrets`);
  assert.deepEqual(foundIn(everything, seeded.secrets), []);
});

test("a secret that an exception spares is found by the same search, compressed as it is on the tape", async (t) => {
  const home = newHome(t);
  const seeded = seeder("leak");
  const { value } = seeded.make("github");
  const recorder = await startRecorderProcess(t, home, { tape: "tape.db" });
  const body = Buffer.from(JSON.stringify({ note: value, filler: "many words ".repeat(300) }));
  await sendSeeded(recorder.port, { headers: ["content-type", "application/json"], body });
  await recorder.stop();
  assert.deepEqual(foundIn((await decodedTape(home)) + filesOf(home), seeded.secrets), []);

  writeFileSync(join(home.folder, "rules.yaml"), "allow: ['body:/note']\n");
  const leaking = await startRecorderProcess(t, home, { tape: "leak.db", more: ["--redaction-rules", "rules.yaml"] });
  await sendSeeded(leaking.port, { headers: ["content-type", "application/json"], body });
  await leaking.stop();
  assert.equal(foundIn(await decodedTape(home, "leak.db"), seeded.secrets).length, 1);
});

/** All files below the home: tapes and what SQLite keeps beside them, reports, runs. */
function filesOf(home: Home): string {
  const names = readdirSync(home.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return names.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1")).join("\n");
}

/** Every text and every body of a tape, compressed bodies unpacked. */
async function decodedTape(home: Home, name = "tape.db"): Promise<string> {
  const tape = await openTape([join(home.folder, name)]);
  const texts: string[] = [];
  for await (const { request, answer, ...rest } of tape.read()) {
    texts.push(
      JSON.stringify({ ...rest, path: request.path }, (_key, value: unknown) =>
        typeof value === "bigint" ? "" : value,
      ),
    );
    for (const message of answer.kind === "response" ? [request, answer] : [request]) texts.push(...textsOf(message));
  }
  await tape.close();
  return texts.join("\n");
}

function textsOf({ headers, trailers, body }: Message): string[] {
  const fields = [...headers, ...trailers].map(([name, value]) => `${name}: ${value}`);
  if (body.kind !== "whole" && body.kind !== "cut") return fields;
  const decoded = decodeContent(body.bytes, firstValue(headers, "content-encoding"));
  const bytes = Buffer.from(decoded.kind === "decoded" ? decoded.bytes : body.bytes);
  return [
    ...fields,
    bytes.toString("latin1"),
    bytes.toString("utf16le"),
    Buffer.from(bytes.toString("latin1"), "base64").toString("latin1"),
  ];
}

async function shown(t: TestContext, home: Home): Promise<string> {
  const listed = await tapeloop(t, home, ["tape", "ls", "tape.db", "--json"]);
  const stats = await tapeloop(t, home, ["tape", "stats", "tape.db", "--json"]);
  const one = await tapeloop(t, home, ["tape", "show", "tape.db", "3", "--json"]);
  return listed.stdout + stats.stdout + one.stdout + one.stderr;
}
