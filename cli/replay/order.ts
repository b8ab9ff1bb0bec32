import type { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../../base/index.js";
import { type CallSelection, parseOrder, parsePace, type ReplayOptions } from "../../replayer/index.js";
import { parseWhere } from "../../tape/index.js";
import { countSetting, durationSetting, flagSetting, idsSetting } from "../settings.js";

/** Settings of `replay` about which calls are sent, in which order, and when. */
export const orderSettings = {
  order: z.string().default("causal"),
  pace: z.string().default("asap"),
  concurrency: countSetting.default(32),
  maxTime: durationSetting.optional(),
  maxLateness: durationSetting.optional(),
  follow: flagSetting.prefault(false),
  entry: flagSetting.prefault(false),
  service: z.string().optional(),
  where: z.string().optional(),
  trace: z.string().min(1).optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  id: idsSetting.optional(),
  limit: countSetting.optional(),
  repeat: countSetting.optional(),
};
const shape = z.object(orderSettings);
type OrderSettings = z.output<typeof shape>;

export function addOrderOptions(command: Command): Command {
  return command
    .option(
      "--order <order>",
      "causal, recorded, serial or none: what must have ended before a call is sent (default: causal)",
    )
    .option("--pace <pace>", "asap, recorded, 2x or 500/s: the earliest moment of each call (default: asap)")
    .option("--concurrency <n>", "bound for --order none, and for causal at --pace asap (default: 32)")
    .option("--max-time <duration>", "send nothing when the run is expected to take longer, and say what costs most")
    .option(
      "--max-lateness <duration>",
      "call latencies invalid when 1 in 100 calls is sent later than this after it was due (default: 100ms)",
    )
    .option(
      "--follow",
      "the tape is still being written: send what is recorded until Ctrl-C, which judges what was sent, or until the recorder ends",
    )
    .option("--entry", "only calls from outside")
    .option("--service <name>", "only the calls this service received")
    .option("--where <condition>", "only these, such as 'path ^= \"/reviews\"'")
    .option("--trace <id>", "only the calls of this user request: its trace id or request id")
    .option("--from <time>", "only calls recorded from then on, such as 2026-01-31T12:00:00Z")
    .option("--to <time>", "only calls recorded before then")
    .option("--id <id...>", "only these Exchanges")
    .option("--limit <n>", "only the first so many")
    .option("--repeat <n>", "send the selected calls so many times, one pass after the other");
}

/** What of the room's options they make. */
export function orderOptionsOf(
  settings: OrderSettings,
): Pick<ReplayOptions, "order" | "pace" | "concurrency" | "selection" | "maxTimeMs" | "maxLatenessMs" | "follow"> {
  const { concurrency, follow, maxTime, maxLateness } = settings;
  return defined({
    ...{ concurrency, maxTimeMs: maxTime, maxLatenessMs: maxLateness, follow: follow || undefined },
    selection: selectionOf(settings),
    order: parseOrder(settings.order),
    pace: parsePace(settings.pace),
  });
}

function selectionOf(settings: OrderSettings): CallSelection {
  const { entry, service, where, trace, from, to, id, limit, repeat } = settings;
  const said = [
    entry ? "entry" : "",
    service === undefined ? "" : `service ${service}`,
    where ?? "",
    trace === undefined ? "" : `trace ${trace}`,
    from === undefined ? "" : `from ${from}`,
    to === undefined ? "" : `to ${to}`,
    id === undefined ? "" : `id ${id.join(", ")}`,
    limit === undefined ? "" : `the first ${limit}`,
    repeat === undefined ? "" : `${repeat} times`,
  ];
  const text = said.filter(Boolean).join("; ") || "all";
  const times = { fromNs: timeOf("--from", from), toNs: timeOf("--to", to) };
  return defined({
    ...{ ...(where === undefined ? {} : parseWhere(where)), ...times, entry, service, trace, ids: id },
    ...{ limit, repeat, text },
  });
}

/** Nanoseconds since the epoch; digits beyond the millisecond count. */
function timeOf(flag: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/.exec(text.trim());
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[1]!.includes("T") ? (match[3] ?? "Z") : ""}`);
  if (Number.isNaN(ms)) {
    throw new OperatorError(
      `replay: ${flag}: expected a time such as 2026-01-31T12:00:00Z or 2026-01-31 (got ${JSON.stringify(text)})`,
    );
  }
  return BigInt(ms) * 1_000_000n + BigInt((match![2] ?? ".").slice(1).padEnd(9, "0"));
}
