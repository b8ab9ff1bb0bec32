import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { projectFolder } from "../support/project.js";
import { tempFolder } from "../support/temp.js";

interface Stage {
  name: string;
  from: string;
  steps: { word: string; rest: string }[];
}

/** Stages of the Containerfile, as far as it uses the language: one instruction a line, `\` goes on with it. */
function stages(): Stage[] {
  const text = readFileSync(join(projectFolder, "Containerfile"), "utf8").replace(/\\\n\s*/g, "");
  const found: Stage[] = [];
  for (const line of text.split("\n")) {
    const [, word, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (word === "FROM") {
      const [, from, name] = /^(\S+) AS (\S+)$/.exec(rest!)!;
      found.push({ name: name!, from: from!, steps: [] });
    } else if (word !== undefined) found.at(-1)?.steps.push({ word, rest: rest! });
    else assert.match(line, /^(?:#.*)?$/, "a line that is no instruction");
  }
  return found;
}

/** What the builder is sent of the project: all but what `.containerignore` leaves out. */
function contextOf(t: TestContext): string {
  const lines = readFileSync(join(projectFolder, ".containerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  assert.equal(lines.shift(), "*", "everything is left out but what is named");
  const folder = tempFolder(t);
  for (const line of lines) {
    assert.match(line, /^!/);
    const path = line.slice(1);
    mkdirSync(join(folder, path, ".."), { recursive: true });
    cpSync(join(projectFolder, path), join(folder, path), { recursive: true });
  }
  return folder;
}

/** Instructions of a stage and of those it begins with. */
function withItsBase(all: readonly Stage[], name: string): Stage["steps"] {
  const stage = all.find((one) => one.name === name);
  return stage === undefined ? [] : [...withItsBase(all, stage.from), ...stage.steps];
}

test("what the image's build is sent compiles to what the image starts", (t) => {
  const context = contextOf(t);
  for (const name of readdirSync(context)) assert.ok(!/^(?:test|bench|node_modules|\.)/.test(name), name);
  symlinkSync(join(projectFolder, "node_modules"), join(context, "node_modules"));
  const tsc = join(projectFolder, "node_modules/typescript/bin/tsc");
  // Types are checked elsewhere; here, whether all that is imported was sent.
  const compiled = spawnSync(process.execPath, [tsc, "-p", ".", "--noCheck"], { cwd: context, encoding: "utf8" });
  assert.equal(compiled.status, 0, compiled.stdout);
  const tidied = spawnSync(process.execPath, ["scripts/after-build.mjs"], { cwd: context, encoding: "utf8" });
  assert.equal(tidied.status, 0, tidied.stderr);
  for (const target of ["tapeloop", "simple-service"]) {
    const { rest } = withItsBase(stages(), target).findLast(({ word }) => word === "ENTRYPOINT")!;
    const [program, file] = JSON.parse(rest) as [string, string];
    assert.equal(program, "node");
    const started = spawnSync(process.execPath, [join(context, relative("/app", file)), "--help"], {
      encoding: "utf8",
    });
    assert.equal(started.status, 0, `${target}: ${started.stderr}`);
  }
});

test("every path that the Containerfile copies is there, or made by the stage it comes from", (t) => {
  const context = contextOf(t);
  const all = stages();
  for (const { name, steps } of all) {
    for (const { rest } of steps.filter(({ word }) => word === "COPY")) {
      const [, from, paths] = /^(?:--from=(\S+) )?(.*)$/.exec(rest)!;
      const sources = paths!.split(" ").slice(0, -1);
      if (from === undefined)
        for (const path of sources) assert.ok(existsSync(join(context, path)), `${name}: ${path}`);
      else
        assert.ok(
          all.some((stage) => stage.name === from),
          `${name}: no stage ${from}`,
        );
    }
  }
});

test("images run as a user without rights, hold production packages alone, and are built with what the lockfile says", () => {
  const all = stages();
  for (const target of ["tapeloop", "simple-service"]) {
    const steps = withItsBase(all, target);
    const user = steps.findLast(({ word }) => word === "USER")!.rest;
    assert.match(user, /^[1-9]\d{3,}:[1-9]\d{3,}$/, "a number, so that runAsNonRoot can tell");
    assert.ok(!steps.some(({ word }) => word === "RUN"), "nothing is installed where it runs");
    const modules = steps.find(({ rest }) => rest.includes("node_modules"))!.rest;
    assert.match(modules, /^--from=modules /);
  }
  const installs = all.flatMap(({ name, steps }) =>
    steps.filter(({ rest }) => rest.includes("npm ci")).map(({ rest }) => [name, /--omit=dev/.test(rest)]),
  );
  assert.deepEqual(installs, [
    ["modules", true],
    ["compiled", false],
  ]);
  assert.equal(all.at(-1)!.name, "tapeloop", "the one that a build without --target makes");
});
