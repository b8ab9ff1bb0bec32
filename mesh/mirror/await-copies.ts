import { setTimeout as delay } from "node:timers/promises";
import { Interrupted } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { podsOf } from "../pods/pods-of.js";
import type { RouteDestination } from "../routes/virtual-service.js";
import { type CopyCounts, countCopies, type MirrorVantage } from "./copy-counts.js";
import { recorderSeen } from "./recorder-seen.js";

/** A mirror that is to be proven. */
export interface MirrorToProve {
  namespace: string;
  /** Whose requests are mirrored. */
  services: readonly string[];
  to: RouteDestination;
  vantage: MirrorVantage;
}

/**
 * What was seen meanwhile. `arrived`: the recorder has got calls; `recorder` by its own count, where that could be read, else it is
 * what the sidecars say of its answers. `not-seen`: nothing proves it, with what was seen of it in words.
 */
export type Proof = { kind: "arrived"; sent: number; recorder?: number } | { kind: "not-seen"; why: string };

const pollMs = 500;

/** A mirror's counts before it is turned on, to tell what has come since. */
export class CopyWatch {
  readonly #cluster: Cluster;
  readonly #mirror: MirrorToProve;
  #before: Sight | undefined;

  constructor(cluster: Cluster, mirror: MirrorToProve) {
    this.#cluster = cluster;
    this.#mirror = mirror;
  }

  async begin(): Promise<void> {
    this.#before = await this.#look();
  }

  /**
   * Waits for a request of whoever sends any: none is made here. Looks at the sidecars and the recorder until one has arrived, for so
   * long. Rejects with an Interrupted when the signal is aborted.
   */
  async proof(withinMs: number, signal?: AbortSignal): Promise<Proof> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const now = await this.#look();
      if (hasArrived(this.#before!, now, this.#mirror.vantage)) return arrivedOf(this.#before!, now);
      if (performance.now() >= deadline) return { kind: "not-seen", why: whyNot(this.#before!, now, this.#mirror) };
      await delay(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => {
        throw new Interrupted("interrupted while waiting for a copy; the mirror stays on");
      });
    }
  }

  async #look(): Promise<Sight> {
    const { namespace, services, vantage } = this.#mirror;
    const pods = vantage === "mirror" ? await podsOf(this.#cluster, namespace, {}) : await this.#podsBehind(services);
    const [copies, recorder] = await Promise.all([
      countCopies(this.#cluster, pods, this.#mirror),
      recorderSeen(this.#cluster, this.#mirror.to),
    ]);
    return { copies, ...(recorder === undefined ? {} : { recorder }) };
  }

  async #podsBehind(services: readonly string[]) {
    const { namespace } = this.#mirror;
    return (await Promise.all(services.map((service) => podsOf(this.#cluster, namespace, { service })))).flat();
  }
}

interface Sight {
  copies: CopyCounts;
  recorder?: number;
}

/** Both sides have to say so, where both can be asked: others may send to the recorder, too. */
function hasArrived(before: Sight, now: Sight, vantage: MirrorVantage): boolean {
  const was = before.copies;
  const is = now.copies;
  const taken = vantage === "mirror" ? is.answered! - was.answered! : is.sent - was.sent - (is.failed - was.failed);
  if (taken <= 0) return false;
  return before.recorder === undefined || now.recorder === undefined || now.recorder > before.recorder;
}

function arrivedOf(before: Sight, now: Sight): Proof {
  const sent = now.copies.sent - before.copies.sent;
  if (before.recorder === undefined || now.recorder === undefined) return { kind: "arrived", sent };
  return { kind: "arrived", sent, recorder: now.recorder - before.recorder };
}

/** What is to be looked at first. */
function whyNot(before: Sight, now: Sight, { services, to, vantage, namespace }: MirrorToProve): string {
  const { copies } = now;
  const place = to.port === undefined ? to.host : `${to.host}:${to.port.number}`;
  const whose = services.length === 1 ? services[0]! : `the ${services.length} services`;
  const sent = copies.sent - before.copies.sent;
  const calls = sumOf(copies.calls) - sumOf(before.copies.calls);
  if (copies.pods.length + copies.strangers.length === 0) {
    const unread = copies.unread[0];
    return unread === undefined
      ? `no pod ${vantage === "mirror" ? `in namespace ${namespace}` : `behind ${whose}`} has a sidecar, and sidecars are what ${vantage === "mirror" ? "makes copies" : "tells of calls"}`
      : `no sidecar could be asked: ${unread.why}`;
  }
  if (copies.pods.length === 0) {
    return `no sidecar knows an instance of ${place}: is there such a Service and port, with pods that are ready?`;
  }
  if (sent > 0)
    return `${sent} were sent to ${place} and none was taken (${failuresOf(before.copies, copies)}): look at the recorder`;
  if (calls > 0) {
    return `${calls} calls to ${whose} were made and none came to ${place}: has the change reached the proxies (istioctl proxy-status), and do the calls match it?`;
  }
  return `no call to ${whose} was seen at ${copies.pods.length} sidecars: send one, and ask tapeloop mirror status`;
}

function failuresOf(before: CopyCounts, now: CopyCounts): string {
  const failed = now.failed - before.failed;
  const unconnected = now.unconnected - before.unconnected;
  return `${failed} failed, ${unconnected} connections could not be made`;
}

function sumOf(calls: ReadonlyMap<string, number>): number {
  return [...calls.values()].reduce((sum, count) => sum + count, 0);
}
