import assert from "node:assert/strict";
import { LinkLearner } from "../../replayer/carry/links/learn.js";
import type { LinkRules } from "../../replayer/carry/links/rules.js";
import type { Link } from "../../replayer/carry/links/table.js";
import { WantedValues } from "../../replayer/carry/links/wanted.js";
import { walkAnswer, walkRequest } from "../../replayer/carry/values/message.js";
import { type Answer, type Exchange, type Request, type TapeReader, walkOf } from "../../tape/index.js";

/** `place=value` of each value that a walk meets. */
export function placesOf(message: Request | Answer): string[] {
  const found: string[] = [];
  const visit = (spot: { place: string; value: string }) => {
    found.push(`${spot.place}=${spot.value}`);
    return undefined;
  };
  if ("method" in message) walkRequest(message, visit);
  else walkAnswer(message, visit);
  return found;
}

/** A request as a tape holds it; what is not said is `GET /` without fields or body. */
export function requestOf(changes: Partial<Omit<Request, "body">> & { body?: string }): Request {
  const { body = "", ...rest } = changes;
  return {
    ...{ method: "GET", scheme: "http", authority: "shop:80", path: "/", protocol: "http/1.1", end: "complete" },
    ...{ headers: [], trailers: [], ...rest },
    body: body === "" ? { kind: "empty" } : { kind: "whole", bytes: Buffer.from(body), hash: "00" },
  };
}

/** An answer of 200. */
export function answerOf(body: string, headers: Request["headers"] = [], status = 200): Answer {
  return {
    ...{ kind: "response", status, end: "complete", headers, trailers: [] },
    body: body === "" ? { kind: "empty" } : { kind: "whole", bytes: Buffer.from(body), hash: body },
  };
}

/** What a learner takes from a tape, each Exchange a Step. To know beforehand what requests hold makes no difference. */
export async function learnt(tape: TapeReader, rules?: LinkRules): Promise<{ learner: LinkLearner; links: Link[] }> {
  const exchanges: Exchange[] = [];
  for await (const exchange of tape.read()) exchanges.push(exchange);
  const all = learntFrom(exchanges, rules ? { rules } : {});
  if (rules !== undefined) return all;
  const wanted = learntFrom(exchanges, { wanted: await WantedValues.inRequests(walkOf(() => exchanges.values())) });
  assert.deepEqual(wanted.links, all.links);
  assert.deepEqual(wanted.learner.produced, all.learner.produced);
  return all;
}

/** The same, with rules or with what is known to be wanted. */
export function learntFrom(
  exchanges: readonly Exchange[],
  knowing: { rules?: LinkRules; wanted?: WantedValues } = {},
): { learner: LinkLearner; links: Link[] } {
  const routeOf = (method: string, path: string) => `${method} ${path.replace(/\?.*/, "").replace(/\/\d+/g, "/{id}")}`;
  const learner = new LinkLearner({ steps: exchanges.length, routeOf, ...knowing });
  for (const [step, exchange] of exchanges.entries()) {
    learner.consume(exchange, step);
    learner.produce(exchange, step);
  }
  const { links: table } = learner;
  return { learner, links: Array.from({ length: table.size }, (_, at) => table.at(at)) };
}

/** `producer place → consumer place` of each link, by Step. */
export function inShort(links: readonly Link[]): string[] {
  return links.map((one) => `${one.producerStep} ${one.producerPlace} → ${one.consumerStep} ${one.consumerPlace}`);
}
