import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { defined, OperatorError } from "../../../base/index.js";
import { type Cluster, forwardPort, type RecorderPod, recordersIn } from "../../../mesh/index.js";
import { pullSegments } from "../../../recorder/index.js";
import { openTape, type TapeReader } from "../../../tape/index.js";
import type { Io } from "../../io.js";
import type { NamespacePlan } from "./plan.js";

/** What recorders inside the targets saw of a run. */
export interface Hops {
  /** Pulls what they saw by now, and opens it. */
  open(): Promise<TapeReader>;
  /** Deletes what was pulled. Safe to call twice. */
  close(): Promise<void>;
}

/** Proxies tell a recorder of a call by a way of their own: on a busy machine this much later at most. */
const reportsLateMs = 1_000;

/** `--hops namespace`: every recorder in the lanes' namespaces. */
const everyRecorder = "namespace";

/**
 * The tapes and recorders that `--hops` names; undefined where it names none. That each recorder is there is known before
 * anything is sent. A word that is a file or folder is a tape, else it is a recorder's Service.
 */
export async function hopsOpener(
  { wish, cluster, namespaces }: Pick<NamespacePlan, "wish" | "cluster" | "namespaces">,
  io: Io,
): Promise<Hops | undefined> {
  const { hops, adminToken } = wish.settings;
  if (hops.length === 0) return undefined;
  const tapes = hops.filter((word) => existsSync(word));
  const recorders: RecorderPod[] = [];
  for (const word of hops.filter((one) => !tapes.includes(one)))
    recorders.push(...(await recordersFor(word, cluster, namespaces)));
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-hops-"));
  const pulled = recorders.map((recorder, at) => ({ recorder, folder: join(folder, String(at)) }));
  return {
    async open() {
      // What proxies have still to tell of the last calls: an interrupted replay does not wait for it.
      await delay(reportsLateMs, undefined, { signal: io.signal }).catch(() => {});
      for (const { recorder, folder } of pulled) await pull(cluster, recorder, { folder, adminToken, io });
      return openTape([...tapes, ...pulled.map(({ folder }) => folder)]);
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function recordersFor(word: string, cluster: Cluster, namespaces: readonly string[]): Promise<RecorderPod[]> {
  if (word === everyRecorder)
    return (await Promise.all(namespaces.map((namespace) => recordersIn(cluster, namespace)))).flat();
  const [, service, namespace = namespaces[0]!] = /^([a-z0-9-]+)(?:\.([a-z0-9-]+))?$/.exec(word) ?? [];
  if (service === undefined)
    throw new OperatorError(
      `--hops ${word}: no such tape, and no recorder's Service either; write it like recorder.shop, or '${everyRecorder}' for all of the namespace`,
    );
  return recordersIn(cluster, namespace, service);
}

async function pull(
  cluster: Cluster,
  { namespace, name, adminPort }: RecorderPod,
  { folder, adminToken, io }: { folder: string; adminToken: string | undefined; io: Io },
): Promise<void> {
  const way = await forwardPort(cluster, namespace, name, adminPort);
  try {
    const address = `127.0.0.1:${way.port}`;
    await pullSegments(defined({ address, folder, seal: true, token: adminToken, signal: io.signal }));
  } finally {
    await way.close();
  }
}
