import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import { type Cluster, CopyWatch, type HopsWish, hopsOf, type MirrorVantage, placeOf } from "../../mesh/index.js";
import { durationSetting } from "../settings.js";

/** How long is waited where the flag says nothing of it. */
const usual = "30s";

/** `--wait`, or `--wait 2m`: in milliseconds. */
export const waitSetting = z.preprocess(
  (asked) => (asked === true || asked === "true" ? usual : asked),
  durationSetting,
);

/** A mirror that is about to be turned on. */
export interface WaitedFor extends Pick<HopsWish, "namespace" | "to"> {
  vantage: MirrorVantage;
  /** All of the namespace without it. */
  service?: string;
}

/**
 * Takes the counts as they are before the mirror is on; what it gives waits until a call has arrived at the recorder, and says so. Nobody
 * having called, or no copy having come, is not known to be a mirror that works: an OperatorError with exit code 3.
 */
export async function beginWait(
  cluster: Cluster,
  { namespace, to, vantage, service }: WaitedFor,
): Promise<(withinMs: number, signal: AbortSignal) => Promise<string>> {
  const hops = { recorder: to.host, onePerPods: vantage === "ext-proc" };
  const services = service === undefined ? (await hopsOf(cluster, namespace, hops)).services : [service];
  const watch = new CopyWatch(cluster, { namespace, services, to, vantage });
  await watch.begin();
  return async (withinMs, signal) => {
    const proof = await watch.proof(withinMs, signal);
    if (proof.kind === "not-seen") {
      throw new OperatorError(
        `the mirror is on and stays on, and within ${withinMs / 1000} s nothing proved it: ${proof.why}`,
        { exitCode: 3 },
      );
    }
    const counted = proof.recorder === undefined ? "" : `, and its recorder counts ${proof.recorder} more`;
    return `it works: sidecars have sent ${proof.sent} to ${placeOf(to)}${counted}\n`;
  };
}
