import { appendFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { defined, inDuration, OperatorError, parseDuration, reasonOf, systemClock } from "../base/index.js";
import {
  type ChaosKindName,
  type ChaosLine,
  type ChaosTally,
  type ChaosWish,
  chaos,
  requireAccess,
} from "../mesh/index.js";
import type { ExitCode, Io } from "./io.js";
import { addClusterOptions, clusterFor, clusterSettings } from "./mesh/cluster.js";
import { addStaleOption, meetStale, staleSettings } from "./mesh/stale.js";
import { durationSetting, flagSetting, readSettings } from "./settings.js";

/** `5m..10m`, or `5m`: the least and the most, in milliseconds. */
const rangeSetting = z.string().transform((text, context): [number, number] => {
  const bounds = text.split("..").map(parseDuration);
  const [least, most = least] = bounds;
  if (bounds.length <= 2 && least !== undefined && most !== undefined && !bounds.includes(undefined))
    if (least > 0 && least <= most) return [least, most];
  context.addIssue({ code: "custom", message: "must be a duration, or two such as 5m..10m" });
  return z.NEVER;
});

const chaosSettings = z.strictObject({
  ...clusterSettings,
  ...staleSettings,
  every: rangeSetting,
  for: durationSetting,
  service: z.string().optional(),
  seed: z.coerce.string().optional(),
  log: z.string().optional(),
  hold: durationSetting.prefault("15s"),
  policy: z.enum(["deny-nothing", "allow-everything"]).prefault("deny-nothing"),
  rolloutTimeout: durationSetting.prefault("5m"),
  evenIfManaged: flagSetting.prefault(false),
});

/** `tapeloop chaos`: what must change nothing for callers, done to a mesh beside a replay or a load. */
export function chaosCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("chaos")
    .description("do to a mesh what must change nothing, beside a replay or a load, and put it back each time")
    .addCommand(authPolicyCommand(io, finish))
    .addCommand(restartCommand(io, finish));
}

function authPolicyCommand(io: Io, finish: (code: ExitCode) => void): Command {
  const command = new Command("auth-policy")
    .description("create an AuthorizationPolicy that decides nothing, and delete it after a while")
    .option("--hold <duration>", "for so long it is there (default: 15s)")
    .option(
      "--policy <kind>",
      "deny-nothing, or allow-everything where no policy allows only some (default: deny-nothing)",
    );
  return addChaosOptions(command)
    .addHelpText(
      "after",
      "\nExample:\n  $ tapeloop chaos auth-policy -n shop --every 5m..10m --for 30m --log chaos.jsonl",
    )
    .action((_options, asked: Command) => run("auth-policy", asked, io, finish));
}

function restartCommand(io: Io, finish: (code: ExitCode) => void): Command {
  const command = new Command("restart")
    .description("restart a Deployment pod by pod, wait until it has rolled out, and put its template back")
    .option("--rollout-timeout <duration>", "give up when one takes longer (default: 5m)")
    .option("--even-if-managed", "restart what Argo CD, Flux or Helm manages, too");
  return addChaosOptions(command)
    .addHelpText("after", "\nExample:\n  $ tapeloop chaos restart -n shop --service reviews --every 5m..10m --for 30m")
    .action((_options, asked: Command) => run("restart", asked, io, finish));
}

function addChaosOptions(command: Command): Command {
  command
    .option("--every <range>", "time from one task to the next, such as 5m..10m or 5m")
    .option("--for <duration>", "begin nothing after this")
    .option("--service <name>", "do it to this service alone (default: to one drawn for each task)")
    .option("--seed <text>", "for when, and to which: the same seed gives the same tasks (default: drawn, and printed)")
    .option("--log <file>", "write when each task began and ended there, for: tapeloop report RUN --chaos FILE");
  return addClusterOptions(addStaleOption(command));
}

async function run(kind: ChaosKindName, asked: Command, io: Io, finish: (code: ExitCode) => void): Promise<void> {
  const settings = readSettings(asked, "chaos", chaosSettings, io);
  const cluster = await clusterFor(`chaos ${kind}`, settings, io.env, io.signal);
  const wish: ChaosWish = defined({
    ...{ kind, everyMs: settings.every, forMs: settings.for, seed: settings.seed ?? String(Date.now() % 1_000_000) },
    ...{ holdMs: settings.hold, policy: settings.policy, rolloutMs: settings.rolloutTimeout },
    ...{ namespace: settings.namespace ?? cluster.namespace, evenIfManaged: settings.evenIfManaged },
    service: settings.service,
  });
  const tell = teller(settings.log, io);
  await requireAccess(cluster, wish.namespace, `chaos ${kind}`);
  await meetStale(cluster, wish.namespace, settings, io);
  io.stdout.write(`chaos ${kind} in namespace ${wish.namespace} for ${inDuration(wish.forMs)}, seed ${wish.seed}\n`);
  const tally = await chaos(wish, { cluster, clock: systemClock(), signal: io.signal }, tell);
  io.stdout.write(tallyText(tally));
  finish(tally.interrupted ? 130 : 0);
}

/** Lines go to the log at once, so that one that is killed has told of the task that it was at. */
function teller(log: string | undefined, io: Io): (line: ChaosLine) => void {
  if (log !== undefined) append(log, "");
  return (line) => {
    if (log !== undefined) append(log, `${JSON.stringify(line)}\n`);
    const time = line.at.slice(11, 19);
    io.stdout.write(`${time}  ${line.task}  ${line.event === "began" ? `${line.what} begins` : line.how}\n`);
  };
}

function append(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (cause) {
    throw new OperatorError(`cannot write the log ${file}: ${reasonOf(cause)}`, { cause });
  }
}

function tallyText({ tasks, leftOut, interrupted }: ChaosTally): string {
  const late = leftOut === 0 ? "" : `, ${leftOut} left out because others took so long`;
  return `${tasks} task${tasks === 1 ? "" : "s"}, each put back${late}${interrupted ? "; interrupted" : ""}\n`;
}
