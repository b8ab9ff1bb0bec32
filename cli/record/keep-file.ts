import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { check, OperatorError, reasonOf } from "../../base/index.js";
import { parseKeepRules, type RecorderDescription, sampleKeys } from "../../tape/index.js";
import { shareSetting } from "../settings.js";

/** A rate such as `500/s`, as calls a second. */
export const rateSetting = z.union([z.number(), z.string()]).transform((text, context) => {
  const perSecond = Number(/^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(String(text).trim())?.[1]);
  if (perSecond > 0) return perSecond;
  context.addIssue({ code: "custom", message: "must be a rate such as 500/s" });
  return z.NEVER;
});

const expressions = z.array(z.string().min(1)).prefault([]);

/** What `--keep-file` may hold: the flags of the same names. */
const keepFile = z.strictObject({
  keep: expressions,
  drop: expressions,
  sample: shareSetting.optional(),
  sampleBy: z.enum(sampleKeys).optional(),
  maxRate: rateSetting.optional(),
});
export type KeepFile = z.output<typeof keepFile>;

/** Throws an OperatorError of one line that names the file and the entry. */
export function readKeepFile(path: string, recorder: RecorderDescription): KeepFile {
  const found = check(keepFile, parsed(path) ?? {}, path);
  for (const name of ["keep", "drop"] as const) {
    for (const [at, text] of found[name].entries()) {
      try {
        parseKeepRules({ keep: [], drop: [], [name]: [text] }, recorder);
      } catch (cause) {
        throw new OperatorError(`${path}: ${name}[${at}]: ${reasonOf(cause)}`, { cause });
      }
    }
  }
  return found;
}

function parsed(path: string): unknown {
  try {
    return parseYaml(readFileSync(path, "utf8"), { logLevel: "error" });
  } catch (cause) {
    throw new OperatorError(`cannot read rules from ${path}: ${reasonOf(cause)}`, { cause });
  }
}
