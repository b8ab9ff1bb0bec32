import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startChild } from "./child.js";
import { compiledFolder } from "./project.js";
import { tempFolder } from "./temp.js";

/** How a finished command ended and what it printed. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The compiled command line, `cli/main.js` of the tree the test runs in. */
export const mainFile = join(compiledFolder, "cli", "main.js");

/** A home of its own, so that no setting or redaction key of this machine's user is met, and none is left. */
export interface Home {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

export function newHome(t: TestContext): Home {
  const folder = tempFolder(t);
  const config = join(folder, ".config");
  mkdirSync(config);
  return { folder, env: { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: config, NO_COLOR: "1" } };
}

/** Runs `tapeloop WORDS…` as a user would, in the home's folder, to its end. */
export async function tapeloop(t: TestContext, home: Home, words: readonly string[]): Promise<Finished> {
  const child = startChild(t, process.execPath, [mainFile, ...words], { env: home.env, cwd: home.folder });
  const { code } = await child.ended;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** As `tapeloop`, for a command that must succeed and prints JSON. */
export async function tapeloopJson<T>(t: TestContext, home: Home, words: readonly string[]): Promise<T> {
  return JSON.parse(await succeeded(t, home, words)) as T;
}

/** As `tapeloop`, for a command that must succeed and prints one JSON object a line. */
export async function tapeloopJsonLines<T>(t: TestContext, home: Home, words: readonly string[]): Promise<T[]> {
  const stdout = await succeeded(t, home, words);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

async function succeeded(t: TestContext, home: Home, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await tapeloop(t, home, words);
  if (code !== 0) throw new Error(`tapeloop ${words.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}
