import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import { Refusal } from "../refusal.js";
import { type Behaviour, checkedFile, compileBehaviour, type WrittenBehaviour } from "./behaviour.js";

/** A behave file, YAML or JSON. Throws a Refusal that names the file and the place in it. */
export function readBehaviour(file: string): Behaviour {
  return refusing(file, () => compileBehaviour(readWritten(file, [])));
}

/** What a file says, after what the file it is made `from` says. */
function readWritten(file: string, after: readonly string[]): WrittenBehaviour {
  return refusing(file, () => {
    const { from, ...own } = checkedFile(readYaml(file));
    if (from === undefined) return own;
    const base = resolve(dirname(file), from);
    if ([file, ...after].some((met) => resolve(met) === base)) throw new Refusal(`from: ${from} leads back to itself`);
    const inherited = readWritten(base, [file, ...after]);
    return {
      version: own.version,
      routes: [...inherited.routes, ...own.routes],
      changes: [...inherited.changes, ...own.changes],
    };
  });
}

function refusing<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.message.startsWith("cannot use ")) throw thrown;
    throw new Refusal(`cannot use ${file}: ${thrown.message}`);
  }
}

function readYaml(file: string): unknown {
  const document = parseDocument(readText(file));
  const [error] = document.errors;
  if (error) throw new Refusal(error.message.split("\n")[0]!.replace(/:$/, ""));
  try {
    return document.toJS() as unknown;
  } catch (thrown) {
    throw new Refusal((thrown as Error).message);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw new Refusal((thrown as Error).message);
  }
}
