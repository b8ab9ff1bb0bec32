import type { ProxyReport } from "../../tape/index.js";
import { flagsOfMask } from "../envoy/response-flags.js";
import { answererOf } from "../envoy/via-upstream.js";
import type { Attributes } from "./processing-message.js";

/** What Envoy's attributes say of an answer: who made it, and how it came about. */
export function reportOf(attributes: Attributes): ProxyReport {
  const details = attributes["response.code_details"];
  const report: ProxyReport = answererOf(typeof details === "string" ? details : undefined);
  const mask = attributes["response.flags"];
  const route = attributes["xds.route_name"];
  const upstream = attributes["upstream.address"];
  const attempts = attributes["upstream.request_attempt_count"];
  if (typeof mask === "number" && mask !== 0) report.flags = flagsOfMask(mask);
  if (typeof route === "string" && route !== "") report.route = route;
  if (typeof upstream === "string" && upstream !== "") report.upstream = upstream;
  if (typeof attempts === "number" && attempts > 1) report.attempts = attempts;
  return report;
}
