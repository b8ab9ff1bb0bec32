import type { ProxyReport } from "../../tape/index.js";

/** Envoy's response code details of an answer that came from the upstream. */
const viaUpstream = "via_upstream";

/** Who made the answer, from Envoy's response code details: all but one of them are answers of its own. */
export function answererOf(details: string | undefined): Pick<ProxyReport, "answeredBy" | "details"> {
  if (details === undefined || details === "") return {};
  return details === viaUpstream ? { answeredBy: "service" } : { answeredBy: "proxy", details };
}
