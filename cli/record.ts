import { Command } from "commander";
import { z } from "zod";
import { type Clock, defined, openLog, systemClock } from "../base/index.js";
import {
  checkKeepOptions,
  type KeepOptions,
  type RecorderEnv,
  type RecorderOptions,
  type RunningRecorder,
  startRecorder,
} from "../recorder/index.js";
import { loadRedactionKey, newRecorderId, openTapeWriter, type RecorderDescription } from "../tape/index.js";
import type { Io } from "./io.js";
import { accessLogOptionsOf, accessLogSettings, addAccessLogOptions } from "./record/access-log.js";
import { addConnectionOptions, connectionOptionsOf, connectionSettings } from "./record/connections.js";
import { addDrainOptions, drainOptionsOf, drainSettings } from "./record/drain.js";
import { addKeepOptions, keepOptionsOf, keepSettings, tapeLimitsOf } from "./record/keep.js";
import { addOutboundOptions, outboundOptionsOf, outboundSettings } from "./record/outbound.js";
import { addPrintOptions, printedEnvoyFilter, printSettings } from "./record/print-envoy-filter.js";
import { addPullOptions, pullOptionsOf, pullSettings } from "./record/pull.js";
import { addRedactionOptions, redactionOf, redactionSettings } from "./record/redaction.js";
import { addTlsOptions, listenTlsOf, tlsSettings, upstreamTlsOf, watchListenTls } from "./record/tls.js";
import { redactionKeySource } from "./redaction-key.js";
import { addressSetting, bytesSetting, durationSetting, flagSetting, readSettings, urlSetting } from "./settings.js";

/** What one batch and a small call take: with less, nothing could ever be stored. */
const smallestQueueBytes = 72 * 1024;

const recordSettings = z
  .strictObject({
    listen: addressSetting,
    tape: z.string().min(1),
    mode: z.enum(["mirror", "inbound", "outbound", "ext-proc"]).default("mirror"),
    upstream: urlSetting.optional(),
    admin: addressSetting.optional(),
    name: z.string().min(1).optional(),
    service: z.string().min(1).optional(),
    maxBody: bytesSetting.prefault("1MiB"),
    queue: bytesSetting.prefault("64MiB").refine((bytes) => bytes >= smallestQueueBytes, "must be at least 72KiB"),
    flush: durationSetting.prefault("50ms"),
    segmentSize: bytesSetting.prefault("256MiB"),
    segmentAge: durationSetting.prefault("1h"),
    redactionKey: z.string().optional(),
    recordReplays: flagSetting.prefault(false),
    cluster: z.string().optional(),
    namespace: z.string().optional(),
    workload: z.string().optional(),
    serviceVersion: z.string().optional(),
    node: z.string().optional(),
    logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
    ...keepSettings,
    ...tlsSettings,
    ...outboundSettings,
    ...connectionSettings,
    ...drainSettings,
    ...pullSettings,
    ...accessLogSettings,
    ...printSettings,
    ...redactionSettings,
  })
  .refine((settings) => settings.mode !== "inbound" || settings.upstream !== undefined, {
    path: ["upstream"],
    message: "is needed by --mode inbound: the service to forward to, such as http://127.0.0.1:9080",
  })
  .refine((settings) => settings.mode === "inbound" || settings.upstream === undefined, {
    path: ["upstream"],
    message: "is for --mode inbound, which forwards: the other modes call nobody; add --mode inbound, or leave it out",
  })
  .refine(({ listen, upstream }) => upstream === undefined || !isSamePlace(listen, upstream), {
    path: ["upstream"],
    message: "is where this recorder itself listens: each call would come back to it without end",
  });
type RecordSettings = z.output<typeof recordSettings>;

const examples = `
Examples:
  $ tapeloop record --listen 0.0.0.0:8080 --tape tape/ --admin 0.0.0.0:9090
      the target of a mirror rule
  $ tapeloop record --mode inbound --listen 127.0.0.1:8080 --upstream http://127.0.0.1:9080 --service reviews --tape tape.db
      in front of a service, requests and answers
  $ HTTP_PROXY=http://127.0.0.1:8081 node service.js & \
    tapeloop record --mode inbound --listen 127.0.0.1:8080 --upstream http://127.0.0.1:9080 --outbound 127.0.0.1:8081 --service reviews --tape tape.db
      both sides of a service
  $ tapeloop record --mode ext-proc --listen 0.0.0.0:50051 --tape tape/
      what Envoys with the filter of --print-envoy-filter tell: requests and answers, no service touched`;

/** Whether a URL is plainly where we listen: the same port, and the same host or any of this machine's own names. */
function isSamePlace(listen: string, upstream: string): boolean {
  // What is none is refused as such.
  if (!URL.canParse(upstream)) return false;
  const { hostname: there, port, protocol } = new URL(upstream);
  const [, here, ownPort] = /^(.*):(\d+)$/.exec(listen.toLowerCase()) ?? [];
  if (Number(port || (protocol === "https:" ? 443 : 80)) !== Number(ownPort)) return false;
  return here === there || (ownNames.has(here!) && ownNames.has(there));
}

const ownNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);

/** `tapeloop record`: runs until SIGINT or SIGTERM, then drains and ends with 0. */
export function recordCommand(io: Io): Command {
  const command = new Command("record")
    .description("record calls onto a tape, as the target of a mirror, in front of a service or behind it")
    .option("--listen <host:port>", "take HTTP/1.1 and HTTP/2 here")
    .option("--tape <path>", "a file (one segment) or a folder (segments that roll by size and age)")
    .option("--mode <mode>", "mirror, inbound, outbound or ext-proc (default: mirror)")
    .option("--upstream <url>", "inbound: the service to forward to")
    .option("--admin <host:port>", "serve /healthz, /readyz and /metrics here")
    .option("--name <name>", "this recorder's name, the same at each start (default: the service's, else the mode)")
    .option("--service <name>", "the service it stands for: callee of the calls it gets, caller of those it makes")
    .option("--max-body <size>", "keep so much of each body; the rest is read, counted and hashed (default: 1MiB)")
    .option(
      "--queue <size>",
      "memory bound of calls not yet stored; beyond it calls are dropped, counted (default: 64MiB)",
    )
    .option("--flush <duration>", "store at the latest after this (default: 50ms)")
    .option("--segment-size <size>", "folder tapes: begin a new segment at this size (default: 256MiB)")
    .option("--segment-age <duration>", "folder tapes: begin a new segment at this age (default: 1h)")
    .option("--redaction-key <file>", "key of the pseudonyms; recorders of one tape share it")
    .option("--record-replays", "record requests that carry replay marks, too")
    .option("--cluster <name>", "where this runs, kept with each Exchange (also --namespace, --workload, …)")
    .option("--namespace <name>", "namespace it runs in")
    .option("--workload <name>", "workload it runs in")
    .option("--service-version <version>", "version of the service it stands for")
    .option("--node <name>", "node it runs on")
    .option("--log-level <level>", "debug, info, warn, error or silent (default: warn)")
    .addHelpText("after", examples)
    .action(async (_options, command: Command) => {
      if (!printedEnvoyFilter(command, io)) await record(readSettings(command, "record", recordSettings, io), io);
    });
  addPrintOptions(addAccessLogOptions(addRedactionOptions(command)));
  return addKeepOptions(
    addTlsOptions(addOutboundOptions(addConnectionOptions(addDrainOptions(addPullOptions(command))))),
    io,
  );
}

async function record(settings: RecordSettings, io: Io): Promise<void> {
  const clock = systemClock();
  const redaction = redactionOf(settings, io);
  const recorder = {
    ...descriptionOf(settings, clock),
    ...(redaction === undefined ? {} : { redaction: [redaction] }),
  };
  const keep = keepOptionsOf(settings, recorder);
  if (keep !== undefined) checkKeepOptions(keep, [settings.mode]);
  const limits = tapeLimitsOf(settings);
  const doors = doorOptionsOf(settings);
  const key = loadRedactionKey(redactionKeySource(settings.redactionKey, io));
  const writer = await openTapeWriter(
    defined({
      path: settings.tape,
      ...{ recorder, key, segmentAgeMs: settings.segmentAge, keep: keep?.rules },
      ...limits,
    }),
  );
  const log = openLog(settings.logLevel);
  const running = await startOrClose(settings, keep, doors, { writer, clock, key, log });
  const unwatch = watchListenTls(settings, (tls) => running.renewTls(tls), log);
  io.stdout.write(
    `${JSON.stringify(defined({ ready: true, ...running.doors, admin: running.admin, retentionMs: limits.retentionMs }))}\n`,
  );
  await aborted(io.signal);
  unwatch();
  await running.stop();
}

type DoorOptions = Pick<RecorderOptions, "tls" | "upstreamTls" | "outbound" | "accessLog"> &
  ReturnType<typeof connectionOptionsOf>;

/** Reads the files that flags name, before anything is opened. */
function doorOptionsOf(settings: RecordSettings): DoorOptions {
  const limits = connectionOptionsOf(settings);
  const outbound = outboundOptionsOf(settings);
  return defined({
    tls: listenTlsOf(settings),
    upstreamTls: upstreamTlsOf(settings),
    outbound,
    ...accessLogOptionsOf(settings),
    ...limits,
  });
}

/** A port in use must not leave the tape open. */
async function startOrClose(
  settings: RecordSettings,
  keep: KeepOptions | undefined,
  doors: DoorOptions,
  env: RecorderEnv,
): Promise<RunningRecorder> {
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
        keep,
        ...pullOptionsOf(settings),
        ...drainOptionsOf(settings),
        ...doors,
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
