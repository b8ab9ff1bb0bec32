import { inDuration, OperatorError } from "../../base/index.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { ClusterObject, ObjectRef } from "../cluster/object.js";
import type { PlannedChange } from "../journal/change.js";
import { withContent } from "../journal/content.js";
import type { JsonObject } from "../journal/json.js";
import { refuseManaged } from "../managed-by.js";
import { requireService } from "../routes/edit-routes.js";
import { changedFor } from "./held-change.js";
import type { ChaosEnv, ChaosKind, ChaosTarget } from "./kind.js";
import { whyNotRolledOut } from "./rollout.js";

/** What `kubectl rollout restart` sets: a template that differs in anything is rolled out anew. */
const restartedAt = "kubectl.kubernetes.io/restartedAt";

/** So often it is looked whether a Deployment has rolled out. */
const lookMs = 1_000;

/**
 * A rolling restart of a Deployment, as kubectl does it. What is put back is the pod template, which is a second rolling
 * restart: two in a task, both waited for; then the Deployment is as it was to the byte.
 */
export const restart: ChaosKind = {
  inWords: ({ name }) => `restart of ${name}`,

  async targets(cluster, namespace, service) {
    const wanted = service === undefined ? {} : await selectorOf(cluster, namespace, service);
    const deployments = await inOneLine(`list the Deployments of namespace ${namespace}`, () =>
      cluster.list({ apiVersion: "apps/v1", kind: "Deployment", namespace }),
    );
    return deployments
      .map((object) => ({ name: object.metadata.name, labels: templateOf(object).metadata?.labels ?? {} }))
      .filter(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === value));
  },

  async run(target, { namespace, rolloutMs, evenIfManaged }, env) {
    const { cluster, clock, signal } = env;
    const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: target.name };
    const intent = { subject: target.name, namespace, what: `restart ${target.name}` };
    const plan = async (): Promise<PlannedChange[]> => {
      const now = await inOneLine(`read Deployment ${target.name}`, () => cluster.read(ref));
      if (now === undefined) throw new OperatorError(`there is no Deployment ${target.name} in namespace ${namespace}`);
      if (!evenIfManaged) refuseManaged(now);
      return [{ now, after: restarted(now) }];
    };
    const beganMs = clock.now();
    await changedFor(cluster, intent, plan, {
      signal,
      meanwhile: (until) => untilRolledOut(ref, target, rolloutMs, { ...env, signal: until }),
    });
    const rolledOutMs = clock.now();
    await untilRolledOut(ref, target, rolloutMs, env);
    return `rolled out in ${inDuration(rolledOutMs - beganMs)}, and back in ${inDuration(clock.now() - rolledOutMs)}`;
  },
};

async function selectorOf(
  cluster: ChaosEnv["cluster"],
  namespace: string,
  service: string,
): Promise<Record<string, string>> {
  await requireService(cluster, namespace, service);
  const found = await cluster.read({ apiVersion: "v1", kind: "Service", namespace, name: service });
  return (found?.spec as { selector?: Record<string, string> } | undefined)?.selector ?? {};
}

interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
}

function templateOf(deployment: ClusterObject): PodTemplate {
  return (deployment.spec as { template: PodTemplate }).template;
}

function restarted(now: ClusterObject): ClusterObject {
  const template = templateOf(now);
  const annotations = { ...template.metadata?.annotations, [restartedAt]: new Date().toISOString() };
  const spec = { ...(now.spec as object), template: { ...template, metadata: { ...template.metadata, annotations } } };
  return withContent(now, { spec } as unknown as JsonObject);
}

/** Waits until all pods are of the template as it is now, ready, and no other is left. Aborted, it waits for nothing. */
async function untilRolledOut(
  ref: ObjectRef,
  target: ChaosTarget,
  withinMs: number,
  { cluster, clock, signal }: ChaosEnv,
): Promise<void> {
  const deadlineMs = clock.now() + withinMs;
  while (!signal.aborted) {
    const why = await inOneLine(`look at Deployment ${ref.name}`, () => whyNotRolledOut(cluster, ref, target.labels));
    if (why === undefined) return;
    if (clock.now() >= deadlineMs) {
      throw new OperatorError(`Deployment ${ref.name} did not roll out within ${inDuration(withinMs)}: ${why}`);
    }
    await clock.sleepUntil(clock.now() + lookMs, signal);
  }
}
