import { stringify } from "yaml";
import { sampleMatch } from "../../recorder/index.js";

/**
 * The sampling of a recorder as routes of the caller's proxy, so that copies of the other calls are not even made: two YAML
 * documents, one for an Istio VirtualService, one for Envoy.
 */
export function sampleMatchText(share: number): string {
  const { regex, endings } = sampleMatch(share);
  return `# ${percent(share)} of all traces: those whose x-request-id ends in four hex digits below ${endings.toString(16).padStart(4, "0")}
# (${endings} of 65536 endings). A mirror percentage draws anew at every hop and tears traces to pieces; this
# chooses the same ones at every hop that passes x-request-id on, and the same as
#   tapeloop record --sample ${percent(share)} --sample-by request-id
# Ids that do not end in four hex digits are never matched: Envoy and Istio make UUIDs, which do.
# Write your service for SERVICE and the recorder for RECORDER.

# Istio: a VirtualService
${stringify(virtualService(regex), { lineWidth: 0 })}---
# Envoy: the routes of a virtual host
${stringify(envoyRoutes(regex), { lineWidth: 0 })}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`;
}

function virtualService(regex: string): object {
  const route = [{ destination: { host: "SERVICE" } }];
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "record-sample" },
    spec: {
      hosts: ["SERVICE"],
      http: [
        {
          name: "recorded",
          match: [{ headers: { "x-request-id": { regex } } }],
          route,
          mirrors: [{ destination: { host: "RECORDER" } }],
        },
        { name: "others", route },
      ],
    },
  };
}

function envoyRoutes(regex: string): object {
  return [
    {
      match: { prefix: "/", headers: [{ name: "x-request-id", string_match: { safe_regex: { regex } } }] },
      route: { cluster: "SERVICE", request_mirror_policies: [{ cluster: "RECORDER" }] },
    },
    { match: { prefix: "/" }, route: { cluster: "SERVICE" } },
  ];
}
