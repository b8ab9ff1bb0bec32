import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defined, OperatorError, reasonOf } from "../../base/index.js";
import type { FaultWish } from "../../mesh/index.js";
import { parseFaultPlan } from "../../replayer/index.js";
import { faultExamples, typedFault } from "../../virtual-service/index.js";
import type { Io } from "../io.js";
import { labelOf } from "./label.js";

/**
 * What a fault plan wants of the mesh: each of its faults on the service that it names, for the requests that carry its mark.
 * Throws an OperatorError for a plan that cannot be read, and for a fault that does not say what it does, and where.
 */
export function wishesOfPlan(
  file: string,
  choice: Pick<FaultWish, "namespace" | "evenIfManaged">,
  io: Pick<Io, "folder">,
): FaultWish[] {
  return parseFaultPlan(textOf(file, io), file).faults.map(({ name, mark, injected }, at) => {
    const place = `${file}: faults[${at}]`;
    if (injected === undefined)
      throw new OperatorError(`${place}: "${name}" does not say what it does: add on: SERVICE, and abort: or delay:`);
    const { on: service, from, does } = injected;
    const faults = Object.entries(does).map(([kind, text]) => {
      const fault = typedFault(kind, text);
      if (fault !== undefined) return fault;
      const example = faultExamples.find((one) => one.name === kind)?.example;
      throw new OperatorError(`${place}.${kind}: must be such as ${example} (got "${text}")`);
    });
    const callers = from === undefined ? undefined : labelOf(from, `${place}.from`);
    return defined({ ...choice, ...{ name, mark, service, faults, percent: 100 }, from: callers });
  });
}

function textOf(file: string, io: Pick<Io, "folder">): string {
  try {
    return readFileSync(resolve(io.folder, file), "utf8");
  } catch (cause) {
    throw new OperatorError(`cannot read faults from ${file}: ${reasonOf(cause)}`, { cause });
  }
}
