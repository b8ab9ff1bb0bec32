import { hasSidecar, livePods, selects, type Workload } from "../../workloads/pod.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { objectsOf } from "../seen.js";

/** How `replay -n`, and the chart, label a replayer. */
const replayerLabels = [{ "app.kubernetes.io/name": "tapeloop-replay" }, { "app.kubernetes.io/component": "replayer" }];

/**
 * TL0501, TL0502: first-hop faults are injected by the replayer's own sidecar, and pods that no Service selects may miss rules
 * with `sourceLabels` (istio/istio issue 14367).
 */
export const replayers: Check = {
  name: "replayers",
  needs: ["Pod", "Service"],
  look: (seen) =>
    livePods(objectsOf(seen, "Pod"))
      .filter(({ labels }) => replayerLabels.some((matchLabels) => selects({ matchLabels }, labels)))
      .flatMap((pod) => [
        ...(hasSidecar(pod) ? [] : [withoutSidecar(pod)]),
        ...(objectsOf(seen, "Service").some(({ spec }) => isBehind(spec, pod)) ? [] : [withoutService(pod)]),
      ]),
};

function isBehind(spec: unknown, { labels }: Workload): boolean {
  const { selector } = (spec ?? {}) as { selector?: Record<string, string> };
  return selector !== undefined && Object.keys(selector).length > 0 && selects({ matchLabels: selector }, labels);
}

function withoutSidecar({ object }: Workload): Finding {
  return {
    ...{ id: "TL0501", severity: "error", place: placeOf(object) },
    seen: "this replayer has no sidecar: no fault meets the calls it sends, and its recordings lack the first hop",
    fix: "label the namespace istio-injection=enabled, or the pod sidecar.istio.io/inject=true",
  };
}

function withoutService({ object }: Workload): Finding {
  return {
    ...{ id: "TL0502", severity: "warning", place: placeOf(object) },
    seen: "no Service selects this replayer: rules with sourceLabels may miss it",
    fix: "give it a headless Service, as charts/replay does",
  };
}
