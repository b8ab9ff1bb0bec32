import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectFolder } from "../support/project.js";

const read = (name: string) => readFileSync(join(projectFolder, name), "utf8");
const page = read("docs/add-a-fault.md");

/** Files that the page has its reader make. */
const made = ["virtual-service/faults/timeout.ts", "test/virtual-service/faults/timeout.test.ts"];

test("every file that docs/add-a-fault.md names is there, but for those that its reader makes", () => {
  const named = [...page.matchAll(/`((?:[a-z-]+\/)+[a-z.-]+\.(?:ts|md))`/g)].map((match) => match[1]!);
  assert.ok(named.length >= 6, named.join(", "));
  for (const file of named) assert.equal(existsSync(join(projectFolder, file)), !made.includes(file), file);
  for (const file of made) assert.ok(named.includes(file), `${file} is not named`);
});

test("what the page's code imports is there, with the members it uses", () => {
  for (const [, names, from] of page.matchAll(/import (?:type )?\{ ([^}]+) \} from "(\.[^"]+)\.js"/g)) {
    if (from === "./timeout") continue;
    const source = read(
      `${join(from!.startsWith("../../") ? "test/virtual-service/faults" : "virtual-service/faults", from!)}.ts`,
    );
    for (const name of names!.split(", ")) assert.match(source, new RegExp(`\\b${name}\\b`), `${name} of ${from}`);
  }
});

test("the list that the page changes has the kinds it shows, and the type its members", () => {
  const list = read("virtual-service/faults/index.ts");
  for (const text of ["export const allFaultKinds = [delay, ", "abort] as const;", "export const faultShape = {"]) {
    assert.ok(list.includes(text) && page.includes(text), text);
  }
  const contract = read("virtual-service/faults/kind.ts");
  for (const member of ["name", "schema", "example", "typed", "explain", "effect"]) {
    assert.match(contract, new RegExp(`^ {2}${member}[:(]`, "m"));
    assert.match(page, new RegExp(`^ {2}(?:${member}|${member}:.*),$`, "m"), member);
  }
});
