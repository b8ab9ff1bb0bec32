import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { check, draw, OperatorError, reasonOf } from "../../base/index.js";
import { type Exchange, headOf, parseWhere } from "../../tape/index.js";

/** A fault that something on the way (a VirtualService, in Istio or in the lab) injects into requests that carry its mark. */
export interface PlannedFault {
  name: string;
  /** Eight lower-case hex digits: the first of the `x-request-id` of a request that is to meet it. */
  mark: string;
  /** Share, 0 to 1, of the Steps it is for that meet it. */
  share: number;
  /** Whether it is for this call. */
  isFor(exchange: Exchange): boolean;
}

/** Which Steps meet which fault. The faults themselves are injected by who reads the marks, never by the replayer. */
export interface FaultPlan {
  /** As the operator named it. */
  file: string;
  faults: readonly PlannedFault[];
  /** What chance is drawn from, with the Exchange and the fault: the same in every lane and run. */
  seed: string;
}

const share = z.union([z.string(), z.number()]).transform((text, context) => {
  const percent = Number(/^(\d+(?:\.\d+)?)%?$/.exec(String(text).trim())?.[1]);
  if (percent > 0 && percent <= 100) return percent / 100;
  context.addIssue({ code: "custom", message: "must be a share above 0% and up to 100%, such as 50%" });
  return z.NEVER;
});

const fault = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]+$/, "must be of letters, digits, '.', '_' and '-'"),
  // YAML reads 12345678 and 1234e567 as numbers: only the text says what was meant.
  mark: z.string("must be text: put it in quotes").regex(/^[0-9a-f]{8}$/, "must be eight hex digits, in lower case"),
  where: z.string().default(""),
  share: share.default(1),
});

const plan = z.strictObject({ seed: z.string().default("tapeloop"), faults: z.array(fault).min(1) });

/** Reads a fault plan. Throws an OperatorError of one line that names the file and the entry. */
export function parseFaultPlan(text: string, file: string): FaultPlan {
  const { seed, faults } = check(plan, parsed(text, file), file);
  for (const key of ["name", "mark"] as const) {
    const twice = faults.find((one, at) => faults.findIndex((other) => other[key] === one[key]) < at);
    if (twice !== undefined)
      throw new OperatorError(`${file}: two faults have the ${key} "${twice[key]}": each needs its own`);
  }
  return {
    ...{ file, seed },
    faults: faults.map(({ name, mark, share, where }, at) => ({
      ...{ name, mark, share },
      isFor: selecting(where, `${file}: faults[${at}].where`),
    })),
  };
}

/** The fault a call meets: the first of the plan that is for it and that it is drawn for. */
export function faultFor(exchange: Exchange, { seed, faults }: FaultPlan): PlannedFault | undefined {
  return faults.find(
    (one) => one.isFor(exchange) && (one.share === 1 || draw(seed, exchange.id, one.name) < one.share),
  );
}

function selecting(text: string, place: string): PlannedFault["isFor"] {
  try {
    const { where, whereWhole } = parseWhere(text);
    return (exchange) => where?.(headOf(exchange)) !== false && whereWhole?.(exchange) !== false;
  } catch (cause) {
    throw new OperatorError(`${place}: ${reasonOf(cause)}`, { cause });
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return parseYaml(text) ?? {};
  } catch (cause) {
    throw new OperatorError(`cannot read faults from ${file}: ${reasonOf(cause)}`, { cause });
  }
}
