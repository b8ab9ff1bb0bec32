import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { projectFolder } from "./support/project.js";

/** The table of rooms in docs/architecture.md: who may import whom. */
const mayImport: Record<string, readonly string[]> = {
  base: [],
  message: ["base"],
  tape: ["message", "base"],
  recorder: ["tape", "message", "base"],
  replayer: ["tape", "message", "base"],
  "virtual-service": ["base"],
  report: ["tape", "message", "base"],
  lab: ["virtual-service", "message", "base"],
  mesh: ["virtual-service", "base"],
  experiment: ["mesh", "replayer", "report", "tape", "virtual-service", "message", "base"],
  "simple-service": [],
  cli: ["experiment", "recorder", "replayer", "report", "lab", "mesh", "tape", "virtual-service", "message", "base"],
};
const rooms = Object.keys(mayImport);

/** Where a room touches the outside world, each Node module that does so is named here. */
const touches: Record<string, readonly RegExp[]> = {
  "process.env": [/^base\/environment\.ts$/],
};

/** Sources without a test of their own name, and the test that covers them. */
const coveredElsewhere = readFileSync(join(projectFolder, "test/covered-elsewhere.txt"), "utf8")
  .split("\n")
  .map((line) => line.replace(/#.*/, "").trim())
  .filter(Boolean)
  .map((line) => {
    const [pattern, by] = line.split(/\s+/) as [string, string];
    return { pattern, by, matches: new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]+")}$`) };
  });

interface Import {
  from: string;
  to: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith(".ts") && statSync(join(projectFolder, name)).isFile());
}

function importsOf(file: string, { types = true } = {}): Import[] {
  const source = readFileSync(join(projectFolder, file), "utf8");
  // Imports of types alone are gone at run time, so they make no circle.
  const text = types ? source : source.replace(/\b(?:import|export) type\b[^;]*;/g, "");
  const specifiers = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g);
  return [...specifiers].map(([, specifier]) => ({ from: file, to: normalize(join(dirname(file), specifier!)) }));
}

const roomOf = (file: string) => file.split("/")[0]!;

test("better-sqlite3 is loaded in one place, which knows where it holds", () => {
  const loads = /^import (?!type\b).*["']better-sqlite3|\b(?:require|import)\(["']better-sqlite3/m;
  const found = [...rooms, "bench", "test"].flatMap(sourceFiles).filter((file) => {
    return loads.test(readFileSync(join(projectFolder, file), "utf8"));
  });
  assert.deepEqual(found, []);
});

test("imports go down the table of rooms, and enter other rooms by their index.ts", () => {
  const wrong: string[] = [];
  for (const { from, to } of rooms.flatMap(sourceFiles).flatMap((file) => importsOf(file))) {
    const [here, there] = [roomOf(from), roomOf(to)];
    if (here === there) continue;
    if (!mayImport[here]!.includes(there)) wrong.push(`${from} imports ${to}: ${here} may not import ${there}`);
    else if (to !== `${there}/index.js`) wrong.push(`${from} imports ${to}: enter ${there} by its index.ts`);
  }
  assert.deepEqual(wrong, []);
});

test("no file imports itself through others", () => {
  const graph = new Map<string, string[]>();
  for (const { from, to } of rooms.flatMap(sourceFiles).flatMap((file) => importsOf(file, { types: false }))) {
    graph.set(from, [...(graph.get(from) ?? []), to.replace(/\.js$/, ".ts")]);
  }
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const seenAt = path.indexOf(file);
    if (seenAt >= 0) assert.fail(`a circle of imports: ${[...path.slice(seenAt), file].join(" → ")}`);
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
});

test("the table in docs/architecture.md says the same as this test", () => {
  const page = readFileSync(join(projectFolder, "docs/architecture.md"), "utf8");
  for (const room of rooms) {
    const row = new RegExp(`^\\| \`${room}/\` \\|[^|]*\\|([^|]*)\\|`, "m").exec(page);
    assert.ok(row, `docs/architecture.md has no row for ${room}/`);
    const said = row[1]!.trim() === "–" ? [] : row[1]!.split(",").map((name) => name.trim());
    assert.deepEqual(said.sort(), [...mayImport[room]!].sort(), `row of ${room}/`);
  }
});

test("the process environment is read in one file", () => {
  const readers = rooms
    .filter((room) => room !== "simple-service")
    .flatMap(sourceFiles)
    .filter((file) => /process\.env\b/.test(readFileSync(join(projectFolder, file), "utf8")));
  assert.deepEqual(
    readers.filter((file) => !touches["process.env"]!.some((allowed) => allowed.test(file))),
    [],
  );
});

test("tests mirror the source: each test has its source, each source its test", () => {
  const free = /^test\/(support|contracts|regression|envoy|cluster|judgement|system|rooms)/;
  const tests = sourceFiles("test").filter((file) => file.endsWith(".test.ts") && !free.test(file));
  const orphans = tests.filter((file) => {
    const source = relative("test", file).replace(/\.test\.ts$/, "");
    return !existsSync(join(projectFolder, `${source}.ts`)) && !existsSync(join(projectFolder, source));
  });
  assert.deepEqual(orphans, [], "tests without a source of the same name");

  const tested = new Set(tests.map((file) => relative("test", file).replace(/\.test\.ts$/, "")));
  const untested = rooms.flatMap(sourceFiles).filter((file) => {
    const name = file.replace(/\.ts$/, "");
    const covered = tested.has(name) || [...tested].some((folder) => name.startsWith(`${folder}/`));
    return !covered && !name.endsWith("/index") && !coveredElsewhere.some(({ matches }) => matches.test(file));
  });
  assert.deepEqual(untested, [], "sources without a test (or a line in test/covered-elsewhere.txt)");
  for (const { pattern, by, matches } of coveredElsewhere) {
    assert.ok(
      rooms.flatMap(sourceFiles).some((file) => matches.test(file)),
      `${pattern} names no source`,
    );
    assert.ok(by === "types" || existsSync(join(projectFolder, by)), `${by}, which covers ${pattern}, is not there`);
    if (by === "types") assert.ok(holdsTypesAlone(pattern), `${pattern} holds more than types`);
  }
});

function holdsTypesAlone(file: string): boolean {
  return !/^export (?:const|let|function|class|async)\b/m.test(readFileSync(join(projectFolder, file), "utf8"));
}
