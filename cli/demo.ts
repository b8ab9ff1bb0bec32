import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../base/index.js";
import type { RunSummary } from "../tape/index.js";
import { explainFaults, parseVirtualServices } from "../virtual-service/index.js";
import { runCommand, startRecorder } from "./demo/commands.js";
import { type DemoFolder, prepareFolder } from "./demo/folder.js";
import { demoFile, demoVirtualServices, type RecordedMesh, startRecordedMesh } from "./demo/mesh.js";
import { unexpectedIn } from "./demo/seeded.js";
import { planTraffic, sendTraffic } from "./demo/traffic.js";
import type { ExitCode, Io } from "./io.js";
import { flagSetting, readSettings } from "./settings.js";

const demoSettings = z.strictObject({
  out: z.string().min(1).default("tapeloop-demo"),
  keep: flagSetting.prefault(false),
});

const examples = `
Examples:
  $ tapeloop demo
      under a minute; leaves the tape and two reports in tapeloop-demo/
  $ tapeloop demo --out /tmp/demo --keep
      and keeps both versions running, to replay against them by hand`;

/** `tapeloop demo`: ends with 0 when it found exactly what was seeded, else 3. */
export function demoCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("demo")
    .description("record a small shop, upgrade one of its services, and find what the upgrade broke")
    .option("--out <dir>", "where the tape and the reports go (default: tapeloop-demo)")
    .option("--keep", "keep both versions running afterwards, until Ctrl-C")
    .addHelpText("after", examples)
    .action(async (_options, command: Command) => {
      const settings = readSettings(command, "demo", demoSettings, io);
      finish(await demo(settings, io));
    });
}

const entryCalls = 240;

async function demo(settings: z.output<typeof demoSettings>, io: Io): Promise<ExitCode> {
  try {
    return await tellTheStory(settings, io);
  } catch (thrown) {
    if (io.signal.aborted) return 130;
    throw thrown;
  }
}

async function tellTheStory({ out, keep }: z.output<typeof demoSettings>, io: Io): Promise<ExitCode> {
  const folder = prepareFolder(out, io.folder);
  say(io, `Three services on this machine: shop calls catalog and reviews. Their files: ${demoFile("")}`);
  await recordTape(folder, io);
  say(io, "reviews is upgraded. The old and the new shop run side by side, with a recorder in front of each service.");
  const lanes = await startLanes(folder, io);
  try {
    const plain = await compareLanes(folder.reports.plain, folder, lanes, io);
    say(io, "Once more, now with faults between shop and catalog, in both lanes alike.");
    setFaults(lanes, io);
    const withFaults = await compareLanes(folder.reports.faults, folder, lanes, io);
    const exitCode = conclude([plain, withFaults], faultsMissing(lanes), folder, io);
    if (keep) await keepRunning(lanes, io);
    return exitCode;
  } finally {
    await Promise.all([lanes.old.stop(), lanes.new.stop()]);
  }
}

/** Users call the shop; the calls are recorded by mirror where they enter, and inline at each service. */
async function recordTape(folder: DemoFolder, io: Io): Promise<void> {
  const recorderArgs = ["--tape", folder.tape, "--redaction-key", folder.key];
  say(io, "Recording: a mirror of what enters the shop, and a recorder in front of each service.");
  const mirror = await startRecorder(
    "the mirror recorder",
    ["--mode", "mirror", "--listen", "127.0.0.1:0", ...recorderArgs],
    io,
  );
  try {
    const outside = { "tapeloop-recorder": `http://${String(mirror.ready.listen)}` };
    const choice = {
      reviews: "v1",
      recorderArgs,
      outside,
      virtualServices: demoVirtualServices("mirror.yaml"),
    } as const;
    const mesh = await startRecordedMesh(choice, io);
    try {
      await sendTraffic(planTraffic(entryCalls), mesh.entry, "shop", io.signal);
      say(io, `Users have made ${entryCalls} calls. Now on the tape:`);
    } finally {
      await mesh.stop();
    }
  } finally {
    await mirror.stop();
  }
  await runCommand(["tape", "stats", folder.tape], io);
}

interface Lanes {
  old: RecordedMesh;
  new: RecordedMesh;
}

async function startLanes(folder: DemoFolder, io: Io): Promise<Lanes> {
  const argsFor = (tape: string) => ["--record-replays", "--tape", tape, "--redaction-key", folder.key];
  const [old, young] = await Promise.allSettled([
    startRecordedMesh({ reviews: "v1", recorderArgs: argsFor(folder.hops.old) }, io),
    startRecordedMesh({ reviews: "v2", recorderArgs: argsFor(folder.hops.new) }, io),
  ]);
  if (old.status === "fulfilled" && young.status === "fulfilled") return { old: old.value, new: young.value };
  for (const lane of [old, young]) if (lane.status === "fulfilled") await lane.value.stop();
  throw [old, young].find((lane) => lane.status === "rejected")?.reason;
}

async function compareLanes(report: string, folder: DemoFolder, lanes: Lanes, io: Io): Promise<RunSummary> {
  const targets = ["--target", lanes.new.entry.origin, "--baseline", lanes.old.entry.origin];
  const hops = ["--hops", folder.hops.old, folder.hops.new];
  const rest = ["--entry", "--allow-writes", "--redaction-key", folder.key, "--report", report];
  const exitCode = await runCommand(["replay", folder.tape, ...targets, ...hops, ...rest], io);
  io.signal.throwIfAborted();
  if (exitCode > 1) throw new OperatorError(`the replay ended with ${exitCode}`, { exitCode: 3 });
  return JSON.parse(readFileSync(resolve(io.folder, join(report, "report.json")), "utf8")) as RunSummary;
}

function setFaults(lanes: Lanes, io: Io): void {
  const { yaml, fileName } = demoVirtualServices("faults.yaml");
  for (const { lab } of [lanes.old, lanes.new]) lab.setVirtualServices(yaml, fileName);
  for (const sentence of parseVirtualServices(yaml, fileName).flatMap(explainFaults))
    io.stdout.write(`  ${sentence}\n`);
}

/** Without any that fired, the second run would say nothing. */
function faultsMissing({ old, new: young }: Lanes): string[] {
  return [old, young].flatMap(({ lab }, lane) => {
    const { delayed, aborted } = lab.observed("catalog");
    return delayed > 0 && aborted > 0 ? [] : [`no fault fired in the ${lane === 0 ? "old" : "new"} lane`];
  });
}

function conclude(runs: readonly RunSummary[], noFaults: readonly string[], folder: DemoFolder, io: Io): ExitCode {
  const unexpected = [...runs.flatMap(unexpectedIn), ...noFaults];
  say(io, unexpected.length === 0 ? "Found exactly what was seeded, twice." : "Not what was seeded:");
  for (const sentence of unexpected) io.stdout.write(`  ${sentence}\n`);
  for (const report of Object.values(folder.reports)) io.stdout.write(`  ${join(report, "report.html")}\n`);
  return unexpected.length === 0 ? 0 : 3;
}

async function keepRunning(lanes: Lanes, io: Io): Promise<void> {
  say(io, `Until Ctrl-C: the old shop is ${lanes.old.entry.origin}, the new one ${lanes.new.entry.origin}`);
  if (io.signal.aborted) return;
  // A promise alone does not keep the process alive; the edges' sockets do.
  await new Promise<void>((end) => io.signal.addEventListener("abort", () => end(), { once: true }));
}

function say(io: Io, sentence: string): void {
  io.stdout.write(`\n${sentence}\n`);
}
