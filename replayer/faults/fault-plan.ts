import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { check, defined, draw, OperatorError, reasonOf } from "../../base/index.js";
import { type Exchange, headOf, parseWhere } from "../../tape/index.js";

/** A fault that something on the way (a VirtualService, in Istio or in the lab) injects into requests that carry its mark. */
export interface PlannedFault {
  name: string;
  /** Eight lower-case hex digits: the first of the `x-request-id` of a request that is to meet it. */
  mark: string;
  /** Share, 0 to 1, of the Steps it is for that meet it. */
  share: number;
  /** What it does, for who turns the plan's faults on; absent where the plan leaves that to others. */
  injected?: InjectedFault;
  /** Whether it is for this call. */
  isFor(exchange: Exchange): boolean;
}

/** What a fault does, on which calls; as the plan has it written, to be understood by who injects it. */
export interface InjectedFault {
  /** Service that is called. */
  on: string;
  /** Label of the callers' pods: `app=reviews`; all callers without it. */
  from?: string;
  /** By kind of fault: `{ abort: "503" }`, `{ delay: "2s" }`. */
  does: Readonly<Record<string, string>>;
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

/** A status may be written as a number. */
const asWritten = z.union([z.string().min(1), z.int()]).transform(String);

const fault = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]+$/, "must be of letters, digits, '.', '_' and '-'"),
  // YAML reads 12345678 and 1234e567 as numbers: only the text says what was meant.
  mark: z.string("must be text: put it in quotes").regex(/^[0-9a-f]{8}$/, "must be eight hex digits, in lower case"),
  where: z.string().default(""),
  share: share.default(1),
  on: z.string().min(1).optional(),
  from: z.string().min(1).optional(),
  delay: asWritten.optional(),
  abort: asWritten.optional(),
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
    faults: faults.map(({ name, mark, share, where, ...injecting }, at) => {
      const injected = injectedBy(injecting, `${file}: faults[${at}]`);
      return {
        ...{ name, mark, share },
        ...(injected === undefined ? {} : { injected }),
        isFor: selecting(where, `${file}: faults[${at}].where`),
      };
    }),
  };
}

function injectedBy(
  { on, from, delay, abort }: Pick<z.output<typeof fault>, "on" | "from" | "delay" | "abort">,
  place: string,
): InjectedFault | undefined {
  const does = defined({ delay, abort });
  if (on === undefined) {
    if (from === undefined && Object.keys(does).length === 0) return undefined;
    throw new OperatorError(`${place}: it does something, and does not say on which service: add on: SERVICE`);
  }
  if (Object.keys(does).length === 0)
    throw new OperatorError(`${place}: it is on ${on}, and does not say what it does: add abort: or delay:`);
  return defined({ on, from, does });
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
    return parseYaml(text, { logLevel: "error" }) ?? {};
  } catch (cause) {
    throw new OperatorError(`cannot read faults from ${file}: ${reasonOf(cause)}`, { cause });
  }
}
