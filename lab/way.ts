import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { draw, replayMarks } from "../base/index.js";
import { type Abort, type Decision, type Destination, decide, type FaultEffect } from "../virtual-service/index.js";
import type { Door } from "./mesh.js";

/** What an edge does with a call, once any delay is over. */
export type Way = { fault: FaultEffect } & (
  | { kind: "abort"; abort: Abort }
  /** Answered as Envoy does when it has no route or no endpoint. */
  | { kind: "nowhere"; answer: { status: number; text: string } }
  | { kind: "onward"; target: URL; mirrors: readonly Destination[] }
);

/** Decides it: by the VirtualServices in force, and by where their destinations are in the lab. */
export function wayOf(door: Door, request: IncomingMessage): Way {
  const decision = decideFor(door, request);
  if (decision.kind === "no-route") return { kind: "nowhere", fault: {}, answer: { status: 404, text: "" } };
  const { fault, destination, mirrors } = decision;
  if (fault.abort) return { kind: "abort", fault, abort: fault.abort };
  const target = door.mesh.locate(destination);
  if (target) return { kind: "onward", fault, target, mirrors };
  return { kind: "nowhere", fault, answer: { status: 503, text: "no healthy upstream" } };
}

/**
 * What Envoy adds to a call and takes from it: an x-request-id where there is none, who calls where that is known; an
 * Expect is answered by the edge, and what only an Envoy may say is not taken from others.
 */
export function labelCall(request: IncomingMessage, caller: string | undefined): void {
  request.headers["x-request-id"] ??= randomUUID();
  delete request.headers.expect;
  delete request.headers["x-envoy-internal"];
  if (caller === undefined) delete request.headers["x-envoy-downstream-service-cluster"];
  else request.headers["x-envoy-downstream-service-cluster"] = caller;
}

/** Chance is drawn from the Step where the call carries a replay mark, so that all lanes meet the same faults. */
function decideFor({ service, mesh }: Door, request: IncomingMessage): Decision {
  const { method = "GET", url: path = "/", headers } = request;
  const identity = String(headers[replayMarks.step] ?? headers["x-request-id"]);
  const routed = { host: service, method, path, headers: joinedHeaders(headers) };
  return decide(mesh.virtualServices(), routed, (rule) => draw(mesh.seed, identity, method, path, rule));
}

function joinedHeaders(headers: IncomingMessage["headers"]): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value]),
  );
}
