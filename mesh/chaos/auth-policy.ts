import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { istioSecurity } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";
import type { PlannedChange } from "../journal/change.js";
import { requireService } from "../routes/edit-routes.js";
import { changedFor } from "./held-change.js";
import type { ChaosKind, ChaosTarget, TaskChoice } from "./kind.js";

/** Where policies for the whole mesh lie, unless the mesh says otherwise. */
const rootNamespace = "istio-system";

/** No caller has it: it is set aside for documentation (TEST-NET-1, RFC 5737). An attribute of connections, so no port has to be named. */
const nobody = "192.0.2.1/32";

/** An AuthorizationPolicy for the pods of a service, created and after a while deleted, that decides nothing. */
export const authPolicy: ChaosKind = {
  inWords: ({ name }) => `authorization policy on ${name}`,

  async targets(cluster, namespace, service) {
    if (service !== undefined) await requireService(cluster, namespace, service);
    const services = await inOneLine(`list the Services of namespace ${namespace}`, () =>
      cluster.list({ apiVersion: "v1", kind: "Service", namespace }),
    );
    return services.flatMap(({ metadata: { name }, spec }) => {
      const { selector: labels } = spec as { selector?: Record<string, string> };
      return labels === undefined || (service !== undefined && name !== service) ? [] : [{ name, labels }];
    });
  },

  async run(target, choice, { cluster, clock, signal }) {
    const { namespace, holdMs, policy } = choice;
    if (policy === "allow-everything") await requireNoAllowPolicy(cluster, namespace);
    const intent = { subject: target.name, namespace, what: `hold a ${policy} policy on ${target.name}` };
    const plan = async (): Promise<PlannedChange[]> => [{ after: policyFor(target, choice) }];
    await changedFor(cluster, intent, plan, {
      signal,
      meanwhile: (until) => clock.sleepUntil(clock.now() + holdMs, until),
    });
    return `a ${policy} policy was there for ${holdMs / 1000} s`;
  },
};

function policyFor({ name, labels }: ChaosTarget, { namespace, policy }: TaskChoice): ClusterObject {
  const deciding =
    policy === "deny-nothing"
      ? { action: "DENY", rules: [{ from: [{ source: { ipBlocks: [nobody] } }] }] }
      : { action: "ALLOW", rules: [{}] };
  return {
    apiVersion: istioSecurity,
    kind: "AuthorizationPolicy",
    metadata: {
      name: `tapeloop-chaos-${name}`,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "tapeloop" },
    },
    spec: { selector: { matchLabels: labels }, ...deciding },
  };
}

/**
 * Where some policy allows some callers, all others are refused; one more that allows everybody would let those in, too.
 * Throws an OperatorError where there is such a policy, or it cannot be known.
 */
async function requireNoAllowPolicy(cluster: Cluster, namespace: string): Promise<void> {
  for (const where of [namespace, rootNamespace]) {
    const found = await inOneLine(`look for policies in namespace ${where} that allow only some`, () =>
      cluster.list({ apiVersion: istioSecurity, kind: "AuthorizationPolicy", namespace: where }),
    );
    const allowing = found.find(({ spec }) => ((spec as { action?: string }).action ?? "ALLOW") === "ALLOW");
    if (allowing !== undefined) {
      throw new OperatorError(
        `chaos auth-policy: --policy allow-everything would let in whom AuthorizationPolicy ${allowing.metadata.name} in namespace ${where} keeps out; take deny-nothing`,
      );
    }
  }
}
