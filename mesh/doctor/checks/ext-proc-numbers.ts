import { parseDurationMs } from "../../../virtual-service/index.js";
import type { Check } from "../check.js";
import { type ExtProcFilter, extProcFilters } from "../ext-proc.js";
import type { Severity } from "../finding.js";
import { type Finding, placeOf } from "../finding.js";
import type { FindingId } from "../ids.js";

/** Each open stream is held so long after its call; Envoy's own 5 s are meant for other uses. */
const mostDeferredMs = 2_000;

/**
 * TL0402 to TL0406: settings of the filter by which calls wait for a recorder, or captures are lost unseen. The numbers are
 * those of the filter that `tapeloop record --print-envoy-filter` prints (docs/envoy.md, "Nothing lost unsaid").
 */
export const extProcNumbers: Check = {
  name: "settings of ext_proc filters",
  needs: ["EnvoyFilter"],
  look: (seen) => extProcFilters(seen).flatMap(findingsFor),
};

function findingsFor(filter: ExtProcFilter): Finding[] {
  const { object, config, path } = filter;
  const at = (id: FindingId, severity: Severity, field: string, what: string, fix: string): Finding => ({
    ...{ id, severity, place: placeOf(object, `${path}.${field}`) },
    ...{ seen: what, fix: `${fix} (tapeloop record --print-envoy-filter prints it so)` },
  });
  const found: Finding[] = [];
  if (config.observability_mode !== true) {
    const what = "without observability_mode every call waits for the recorder";
    found.push(at("TL0402", "error", "observability_mode", what, "set observability_mode: true"));
  }
  if (config.failure_mode_allow !== true) {
    const what = "without failure_mode_allow calls fail while the recorder is away";
    found.push(at("TL0403", "error", "failure_mode_allow", what, "set failure_mode_allow: true"));
  }
  const deferredMs = parseDurationMs(config.deferred_close_timeout ?? "");
  if (deferredMs === undefined || deferredMs > mostDeferredMs) {
    const held = config.deferred_close_timeout ?? "5s, Envoy's own";
    const what = `each call holds a stream open for ${held}: the recorder's cluster runs out of streams at a rate that much lower, and captures are lost`;
    found.push(at("TL0404", "warning", "deferred_close_timeout", what, "set deferred_close_timeout: 2s"));
  }
  if (config.message_timeout === undefined) {
    const what =
      "no message_timeout bounds the waiting for the recorder, should observability_mode ever be switched off";
    found.push(at("TL0405", "warning", "message_timeout", what, "set message_timeout: 0.2s"));
  }
  if (config.grpc_service?.envoy_grpc?.authority === undefined) {
    const what =
      "without an authority Envoy sends the name of its cluster, with its '|', as :authority: Node's HTTP/2 refuses every stream, and nothing is recorded";
    const fix = "set envoy_grpc.authority to the recorder's host";
    found.push(at("TL0406", "error", "grpc_service.envoy_grpc.authority", what, fix));
  }
  return found;
}
