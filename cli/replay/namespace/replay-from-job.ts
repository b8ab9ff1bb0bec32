import { statSync } from "node:fs";
import { basename } from "node:path";
import { Interrupted, OperatorError, reasonOf } from "../../../base/index.js";
import { type StartedWorker, startWorker } from "../../../mesh/index.js";
import { openRun, type RunSummary } from "../../../tape/index.js";
import type { Io } from "../../io.js";
import { meetStale } from "../../mesh/stale.js";
import { openProgress, type Progress } from "../../progress.js";
import { version } from "../../version.js";
import type { RunRequest, WorkerEvent } from "../../worker/protocol.js";
import { preflightShown, progressLine } from "../into.js";
import { type Hops, hopsOpener } from "./hops.js";
import { byAuthorityOf, type NamespacePlan } from "./plan.js";
import { carriedSettings } from "./request-files.js";
import { WorkerClient } from "./worker-client.js";

/** Where the worker's container has its folders. */
const workFolder = "/work";
const secretsFolder = "/secrets";
/** A worker in a running pod listens within this. */
const helloMs = 120_000;

/**
 * Sends a tape from inside a namespace: a Job is made, the tape brought to it, the run file brought back. Ends with nothing of
 * it left in the cluster, whatever happens; where this process does not live to see to that, `restore` does.
 */
export async function replayFromJob(runPath: string, plan: NamespacePlan, io: Io): Promise<RunSummary> {
  const { wish, cluster, runId: run } = plan;
  const request = requestOf(plan, io);
  const hops = await hopsOpener(plan, io);
  const progress = openProgress(io);
  try {
    await meetStale(cluster, wish.namespace, wish.settings, io);
    progress.show(`starting a Job in ${wish.namespace}`);
    const worker = await startWorker(cluster, { namespace: wish.namespace, run, image: wish.image });
    try {
      await withFate(worker, async () => {
        const client = new WorkerClient(worker.port);
        await client.hello(helloMs, io.signal);
        await bring(client, plan, request, progress, io);
        await followRun(client, request.asked, { hops, progress, io });
        await client.fetchRun(runPath);
        await client.quit();
      });
    } finally {
      progress.end();
      await worker.end();
    }
  } finally {
    await hops?.close();
  }
  return summaryOf(runPath);
}

interface Request {
  asked: RunRequest;
  files: readonly { name: string; bytes: Uint8Array }[];
}

function requestOf({ wish, runId, namespaces, destinations, segments, key }: NamespacePlan, io: Io): Request {
  const { settings, files, env } = carriedSettings(wish.settings, io, secretsFolder);
  const asked: RunRequest = {
    ...{ run: runId, tapeloop: version, env, tapePaths: settings.tapes },
    settings: {
      ...settings,
      tapes: segments.map((path, at) => `${workFolder}/${segmentName(path, at)}`),
      hops: [],
      // In the request's body and the worker's memory alone.
      redactionKey: key,
    },
    byAuthority: byAuthorityOf(
      namespaces,
      destinations.map((to) => ({ ...to, target: { url: to.url } })),
    ),
    wantsPreflight: io.stderr.isTTY === true,
    hasHops: wish.settings.hops.length > 0,
  };
  return { asked, files };
}

function segmentName(path: string, at: number): string {
  return `tape-${at}-${basename(path).replace(/[^A-Za-z0-9._-]/g, "_")}`;
}

async function bring(
  client: WorkerClient,
  { segments }: NamespacePlan,
  { files }: Request,
  progress: Progress,
  io: Io,
): Promise<void> {
  for (const { name, bytes } of files) await client.put(bytes, "secrets", name);
  for (const [at, path] of segments.entries()) {
    if (io.signal.aborted) throw new Interrupted("interrupted before anything was sent");
    progress.show(`bringing the tape: segment ${at + 1} of ${segments.length}`);
    await putSegment(client, path, segmentName(path, at));
  }
}

/** With what is written but not yet in the file, where it is still open. */
async function putSegment(client: WorkerClient, path: string, name: string): Promise<void> {
  const wal = `${path}-wal`;
  if ((statSync(wal, { throwIfNoEntry: false })?.size ?? 0) > 0) await client.putFile(wal, "work", `${name}-wal`);
  await client.putFile(path, "work", name);
}

interface Following {
  hops: Hops | undefined;
  progress: Progress;
  io: Io;
}

/** Until the run file is complete. An interrupt is passed on: the worker ends its run and keeps what was gathered. */
async function followRun(client: WorkerClient, asked: RunRequest, following: Following): Promise<void> {
  const { signal } = following.io;
  const cancel = () => void client.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  try {
    if (signal.aborted) throw new Interrupted("interrupted before anything was sent");
    for await (const event of client.run(asked)) await take(event, client, following);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function take(event: WorkerEvent, client: WorkerClient, { hops, progress, io }: Following): Promise<void> {
  switch (event.kind) {
    case "preflight":
      return preflightShown(io)?.(event.preflight);
    case "progress":
      return progress.show(progressLine(event.progress));
    case "said":
      return void io.stderr.write(event.text);
    case "hops":
      return bringHops(client, hops!);
    case "alive":
    case "over":
      return;
    case "refused":
      throw event.exitCode === 130
        ? new Interrupted(event.words)
        : new OperatorError(event.words, { exitCode: event.exitCode });
    case "broke":
      throw new Error(event.words);
  }
}

async function bringHops(client: WorkerClient, hops: Hops): Promise<void> {
  try {
    const tape = await hops.open();
    const paths = tape.segments.map(({ path }) => path);
    await tape.close();
    const files = paths.map((path, at) => `hops-${segmentName(path, at)}`);
    for (const [at, path] of paths.entries()) await putSegment(client, path, files[at]!);
    await client.hops({ files });
  } catch (trouble) {
    await client.hops({ failed: reasonOf(trouble) });
  }
}

/** A connection that breaks says nothing of why: what became of the pod does. Nothing is known of the run then. */
async function withFate(worker: StartedWorker, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (trouble) {
    if (trouble instanceof OperatorError) throw trouble;
    const why = worker.lost.aborted ? String(worker.lost.reason) : await worker.fate().catch(reasonOf);
    throw new OperatorError(`inconclusive: the replay broke off: ${reasonOf(trouble)}; ${why}`, {
      cause: trouble,
      exitCode: 3,
    });
  }
}

function summaryOf(runPath: string): RunSummary {
  const run = openRun(runPath);
  try {
    const summary = run.summary();
    if (summary === undefined)
      throw new OperatorError("inconclusive: the run file came back without an end", { exitCode: 3 });
    return summary;
  } finally {
    run.close();
  }
}
