import { Command } from "commander";
import { z } from "zod";
import { type Clock, defined, openLog, systemClock } from "../base/index.js";
import { type RecorderEnv, type RunningRecorder, startRecorder } from "../recorder/index.js";
import { loadRedactionKey, newRecorderId, openTapeWriter, type RecorderDescription } from "../tape/index.js";
import type { Io } from "./io.js";
import { redactionKeySource } from "./redaction-key.js";
import { addressSetting, bytesSetting, durationSetting, flagSetting, readSettings, urlSetting } from "./settings.js";

/** What one batch and a small call take: with less, nothing could ever be stored. */
const smallestQueueBytes = 72 * 1024;

const recordSettings = z
  .strictObject({
    listen: addressSetting,
    tape: z.string().min(1),
    mode: z.enum(["mirror", "inbound"]).default("mirror"),
    upstream: urlSetting.optional(),
    admin: addressSetting.optional(),
    name: z.string().min(1).optional(),
    service: z.string().min(1).optional(),
    maxBody: bytesSetting.prefault("1MiB"),
    queue: bytesSetting.prefault("64MiB").refine((bytes) => bytes >= smallestQueueBytes, "must be at least 72KiB"),
    flush: durationSetting.prefault("50ms"),
    segmentSize: bytesSetting.prefault("256MiB"),
    segmentAge: durationSetting.prefault("1h"),
    retention: durationSetting.optional(),
    redactionKey: z.string().optional(),
    recordReplays: flagSetting.prefault(false),
    cluster: z.string().optional(),
    namespace: z.string().optional(),
    workload: z.string().optional(),
    serviceVersion: z.string().optional(),
    node: z.string().optional(),
    logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
  })
  .refine((settings) => settings.mode !== "inbound" || settings.upstream !== undefined, {
    path: ["upstream"],
    message: "is needed by --mode inbound: the service to forward to, such as http://127.0.0.1:9080",
  });
type RecordSettings = z.output<typeof recordSettings>;

const examples = `
Examples:
  $ tapeloop record --listen 0.0.0.0:8080 --tape tape/ --admin 0.0.0.0:9090
      the target of a mirror rule
  $ tapeloop record --mode inbound --listen 127.0.0.1:8080 --upstream http://127.0.0.1:9080 --service reviews --tape tape.db
      in front of a service, requests and answers`;

/** `tapeloop record`: runs until SIGINT or SIGTERM, then drains and ends with 0. */
export function recordCommand(io: Io): Command {
  return new Command("record")
    .description("record calls onto a tape, as the target of a mirror or in front of a service")
    .requiredOption("--listen <host:port>", "take HTTP/1.1 and h2c here")
    .requiredOption("--tape <path>", "a file (one segment) or a folder (segments that roll by size and age)")
    .option("--mode <mode>", "mirror or inbound (default: mirror)")
    .option("--upstream <url>", "inbound: the service to forward to")
    .option("--admin <host:port>", "serve /healthz, /readyz and /metrics here")
    .option("--name <name>", "this recorder's name, the same at each start (default: the service's, else the mode)")
    .option("--service <name>", "the service it stands for: callee of the calls it sees")
    .option("--max-body <size>", "keep so much of each body; the rest is read, counted and hashed (default: 1MiB)")
    .option(
      "--queue <size>",
      "memory bound of calls not yet stored; beyond it calls are dropped, counted (default: 64MiB)",
    )
    .option("--flush <duration>", "store at the latest after this (default: 50ms)")
    .option("--segment-size <size>", "folder tapes: begin a new segment at this size (default: 256MiB)")
    .option("--segment-age <duration>", "folder tapes: begin a new segment at this age (default: 1h)")
    .option("--retention <duration>", "folder tapes: delete sealed segments older than this (default: keep all)")
    .option("--redaction-key <file>", "key of the pseudonyms; recorders of one tape share it")
    .option("--record-replays", "record requests that carry replay marks, too")
    .option("--cluster <name>", "where this runs, kept with each Exchange (also --namespace, --workload, …)")
    .option("--namespace <name>", "namespace it runs in")
    .option("--workload <name>", "workload it runs in")
    .option("--service-version <version>", "version of the service it stands for")
    .option("--node <name>", "node it runs on")
    .option("--log-level <level>", "debug, info, warn, error or silent (default: warn)")
    .addHelpText("after", examples)
    .action(async (_options, command: Command) => record(readSettings(command, "record", recordSettings, io), io));
}

async function record(settings: RecordSettings, io: Io): Promise<void> {
  const clock = systemClock();
  const key = loadRedactionKey(redactionKeySource(settings.redactionKey, io));
  const writer = await openTapeWriter(
    defined({
      path: settings.tape,
      recorder: descriptionOf(settings, clock),
      key,
      segmentBytes: settings.segmentSize,
      segmentAgeMs: settings.segmentAge,
      retentionMs: settings.retention,
    }),
  );
  const running = await startOrClose(settings, { writer, clock, key, log: openLog(settings.logLevel) });
  io.stdout.write(`${JSON.stringify(defined({ ready: true, listen: running.listen, admin: running.admin }))}\n`);
  await aborted(io.signal);
  await running.stop();
}

/** A port in use must not leave the tape open. */
async function startOrClose(settings: RecordSettings, env: RecorderEnv): Promise<RunningRecorder> {
  try {
    return await startRecorder(
      defined({
        listen: settings.listen,
        admin: settings.admin,
        mode: settings.mode,
        upstream: settings.upstream,
        maxBodyBytes: settings.maxBody,
        queueBytes: settings.queue,
        flushMs: settings.flush,
        recordReplays: settings.recordReplays,
      }),
      env,
    );
  } catch (thrown) {
    await env.writer.close();
    throw thrown;
  }
}

function descriptionOf(settings: RecordSettings, clock: Clock): RecorderDescription {
  const { cluster, namespace, workload, serviceVersion: version, node } = settings;
  return defined({
    id: newRecorderId(settings.name ?? settings.service ?? settings.mode),
    service: settings.service,
    upstream: settings.upstream === undefined ? undefined : new URL(settings.upstream).host,
    origin: defined({ cluster, namespace, workload, version, node }),
    epochNsAtZero: clock.epochNsAtZero,
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
