import { defined } from "../../../base/index.js";
import {
  type Cluster,
  type Destination,
  destinationsIn,
  parseAuthorityRule,
  requirePermit,
  unusedRules,
} from "../../../mesh/index.js";
import { type AuthorityTarget, newRunId, recordedAuthorities, type TargetChoice } from "../../../replayer/index.js";
import { findRedactionKey, openTape, type TapeReader } from "../../../tape/index.js";
import type { Io } from "../../io.js";
import { redactionKeySource } from "../../redaction-key.js";
import { optionsOf } from "../into.js";
import { type NamespaceWish, namespaceTarget } from "../namespace.js";

/** What is known before anything is sent. */
export interface NamespacePlan {
  wish: NamespaceWish;
  cluster: Cluster;
  runId: string;
  /** Lanes' namespaces: the candidate's, then the baseline's. */
  namespaces: readonly string[];
  destinations: readonly Destination[];
  /** Hosts that services on the tape called, beside those that calls are sent to. */
  calledBeside: readonly string[];
  /** The files of the tape's segments. */
  segments: readonly string[];
  /** The key it was recorded with, in hex, where that is known. */
  key?: string;
}

/** Asks the cluster and the tape. Throws an OperatorError for a namespace that is not open for replays, and a call that no Service is for. */
export async function planFor(wish: NamespaceWish, cluster: Cluster, io: Io): Promise<NamespacePlan> {
  const { settings } = wish;
  const rules = settings.map.map(parseAuthorityRule);
  const options = optionsOf(settings, io);
  const namespaces = [wish.namespace, ...(wish.baselineNamespace === undefined ? [] : [wish.baselineNamespace])];
  for (const namespace of namespaces) await requirePermit(cluster, namespace, "replay");
  const tape = await openTape(settings.tapes);
  try {
    // What may be sent: whether a secret is at hand for it is known only when answers come.
    const authorities = await recordedAuthorities(tape, { ...options, skipRedacted: false });
    const key = findRedactionKey({ ...redactionKeySource(settings.redactionKey, io), keyId: tape.keyId });
    const destinations: Destination[] = [];
    for (const namespace of namespaces)
      destinations.push(...(await destinationsIn(cluster, namespace, authorities, rules)));
    for (const { from, service } of unusedRules(rules, authorities))
      io.stderr.write(`tapeloop: note: --map ${from}=${service}: no selected call was made to ${from}\n`);
    return defined({
      ...{ wish, cluster, runId: newRunId(), namespaces, destinations },
      calledBeside: await calledBeside(tape, authorities),
      segments: tape.segments.map(({ path }) => path),
      key: key === undefined ? undefined : Buffer.from(key.bytes).toString("hex"),
    });
  } finally {
    await tape.close();
  }
}

/** What a service that is replayed will call again, by itself. */
async function calledBeside(tape: TapeReader, sentTo: readonly string[]): Promise<string[]> {
  const called = new Set<string>();
  for await (const { vantage, request } of tape.skim()) if (vantage === "outbound") called.add(request.authority);
  return [...called].filter((authority) => !sentTo.includes(authority)).sort();
}

/** Where each lane's calls go, as the replayer takes it: a lane a namespace, also where no call was selected. */
export function byAuthorityOf(
  namespaces: readonly string[],
  destinations: readonly (Pick<Destination, "namespace" | "authority"> & { target: AuthorityTarget })[],
): NonNullable<TargetChoice["byAuthority"]> {
  const lanes: Record<string, Record<string, AuthorityTarget>> = Object.fromEntries(
    namespaces.map((namespace) => [namespaceTarget(namespace), {}]),
  );
  for (const { namespace, authority, target } of destinations) {
    const lane = namespaceTarget(namespace);
    lanes[lane] = { ...lanes[lane], [authority]: target };
  }
  return lanes;
}
