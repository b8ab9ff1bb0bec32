import type { Command, Option } from "commander";
import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import type { Lane } from "../../tape/index.js";
import type { Io } from "../io.js";
import type { TargetTlsSettings } from "../replay/tls.js";
import { type ReplaySettings, replayCommand, replaySettings } from "../replay.js";
import type { RunToShrink } from "./run-to-shrink.js";

const { tapes: _tapes, order, ...ofReplay } = replaySettings.shape;

/** What `shrink` takes beside all that `replay` does. What the run itself says need not be given again. */
export const shrinkSettings = z.strictObject({
  ...ofReplay,
  divergence: z.coerce.number().int().positive(),
  tape: z.union([z.array(z.string()), z.string().transform((one) => [one])]).optional(),
  order: order.unwrap().optional(),
  maxReplays: z.coerce.number().int().min(3).default(200),
  resetCommand: z.string().min(1).optional(),
  out: z.string().min(1).default("shrunk"),
});
export type ShrinkSettings = z.output<typeof shrinkSettings>;

/** Of replay's options those that choose calls or say what a whole run leaves behind make no sense here. */
const notTaken: ReadonlySet<string> = new Set([
  ...["--order", "--report", "--json", "--reset-command"],
  ...[
    "--entry",
    "--service",
    "--where",
    "--id",
    "--select",
    "--limit",
    "--trace",
    "--follow",
    "--max-time",
    "--from",
    "--to",
    "--repeat",
  ],
  // A namespace is replayed into as a whole: where a run was sent there, name a target.
  ...["--namespace", "--context", "--kubeconfig", "--request-timeout"],
  ...["--baseline-namespace", "--map", "--send-from", "--unfenced", "--restore-stale", "--image", "--admin-token"],
]);

/** Replay's own options, as its command has them. */
export function replayOptions(io: Io): Option[] {
  return replayCommand(io, () => {}).options.filter((option) => !notTaken.has(option.long ?? ""));
}

/** The settings of a replay of some calls of the run: the run's own where nothing else is given. */
export function settingsOfTry(run: RunToShrink, settings: ShrinkSettings): ReplaySettings {
  const { divergence: _divergence, tape, maxReplays: _most, resetCommand: _reset, out: _out, ...given } = settings;
  const isToldWhere = settings.target !== undefined || settings.lane.length > 0;
  return {
    ...given,
    ...(isToldWhere ? {} : { ...targetsOf(run.lanes), ...tlsOf(run.lanes, given) }),
    tapes: tape ?? [...run.tapePaths],
    order: settings.order ?? run.summary.settings.order,
    allowWrites: settings.allowWrites || run.sentUnsafe,
    keepIdempotencyKeys: settings.keepIdempotencyKeys || run.summary.settings.keepIdempotencyKeys === true,
    keepHost: settings.keepHost || run.summary.settings.keepHost === true,
    // The run went there, so it was allowed to.
    targetIsATest: settings.targetIsATest || !isToldWhere,
    sameTarget: settings.sameTarget || !isToldWhere,
  };
}

function targetsOf(lanes: readonly Lane[]): { target: string; baseline?: string } {
  const [candidate, baseline] = (["candidate", "baseline"] as const).map((role) =>
    lanes.find((lane) => lane.role === role),
  );
  if (candidate === undefined) throw new OperatorError("cannot shrink: the run names no candidate; give --target");
  if (!URL.canParse(candidate.target))
    throw new OperatorError(`cannot shrink: the run was sent to ${candidate.target}; give --target and --baseline`);
  return baseline === undefined
    ? { target: candidate.target }
    : { target: candidate.target, baseline: baseline.target };
}

/** The run's own files, where none are given. */
function tlsOf(lanes: readonly Lane[], { targetCa, targetCert, targetKey }: TargetTlsSettings): TargetTlsSettings {
  if ([targetCa, targetCert, targetKey].some((file) => file !== undefined)) return {};
  const { ca, cert, key } = lanes.find(({ tls }) => tls !== undefined)?.tls ?? {};
  return { targetCa: ca, targetCert: cert, targetKey: key };
}

/** Where script and test send the calls: to the candidate. */
export function candidateOf({ target, lane }: ReplaySettings): string {
  return (
    target ??
    lane
      .at(-1)
      ?.replace(/^[^=]*=/, "")
      .split(",", 1)[0] ??
    "http://127.0.0.1"
  );
}

/** A command that has no options yet. */
export function withReplayOptions(command: Command, io: Io): Command {
  for (const option of replayOptions(io)) command.addOption(option);
  return command;
}
