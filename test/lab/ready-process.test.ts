import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startReadyProcess } from "../../lab/index.js";
import { tempFolder } from "../support/temp.js";

function program(t: TestContext, code: string): { name: string; script: string; args: string[] } {
  const script = join(tempFolder(t), "program.mjs");
  writeFileSync(script, code);
  return { name: "program", script, args: ["--x"] };
}

const readyLine = `console.log(JSON.stringify({ ready: true, listen: process.argv[2] }));`;

test("a program's ready line is given, whatever it prints before and after", async (t) => {
  const chatty = `console.log("hello"); console.log("{}"); ${readyLine} console.log("x".repeat(1e6)); setInterval(() => {}, 1000);`;
  const process = await startReadyProcess(program(t, chatty));
  assert.deepEqual(process.ready, { ready: true, listen: "--x" });
  await process.stop();
  assert.equal(await process.ended, "signal SIGTERM");
  await process.stop();
});

test("a program that ends before it is ready is quoted", async (t) => {
  const failing = program(t, `console.error("no such tape\\nat all"); process.exit(2);`);
  await assert.rejects(
    startReadyProcess(failing),
    /cannot start program \(.*program\.mjs --x\): it ended before it was ready: exit code 2: no such tape \| at all/,
  );
});

test("a program that says nothing is ended and named", async (t) => {
  const silent = program(t, `setInterval(() => {}, 1000);`);
  await assert.rejects(startReadyProcess({ ...silent, readyWithinMs: 300 }), /it said nothing within 300 ms/);
});
