import { allValues } from "../message/index.js";
import type { Exchange, SentRequest } from "../tape/index.js";
import { type RequestFields, requestFields } from "./compare/index.js";
import { faultFor } from "./faults/fault-plan.js";
import type { LandedStep } from "./flight.js";
import type { FreshKeys } from "./fresh-keys.js";
import type { OpenLane } from "./lanes/lanes.js";
import type { PlannedLane } from "./lanes/plan-lanes.js";
import { ownFieldsMaker } from "./own-fields.js";
import { parseTarget } from "./target.js";

/** What fields are told from. */
export interface AskedFrom {
  run: string;
  /** What was sent for a Step to every lane alike. */
  requestOf: (exchange: Exchange, step: number) => SentRequest;
  /** Absent where the keys of the tape were sent. */
  keys?: FreshKeys | undefined;
}

/**
 * Gives the fields of the request that a lane was sent for a Step, its identity and marks among them, or those of the
 * recorded one. Values that a lane's own session put in place of recorded ones are not told.
 */
export function fieldsAsked(
  lanes: readonly (PlannedLane & Pick<OpenLane, "authorityOf">)[],
  { run, requestOf, keys }: AskedFrom,
): (landed: Pick<LandedStep, "step" | "exchange">, lane: number | undefined) => RequestFields {
  const own = lanes.map(({ name }) => ownFieldsMaker({ run, lane: name }, new Set()));
  const authorities = lanes.map(({ target, authorityOf }) => {
    if (authorityOf !== undefined) return authorityOf;
    const { authority } = parseTarget(target);
    return () => authority;
  });
  return ({ step, exchange }, lane) => {
    const { request } = exchange;
    if (lane === undefined) return requestFields(request.headers, request.authority);
    const { plan } = lanes[lane]!;
    const members = allValues(request.headers, "baggage").map((value) => `${value},`);
    const ofStep = own[lane]!(step.step, members.join(""), plan && faultFor(exchange, plan));
    const sent = keys?.drawn(exchange, step.step, lanes[lane]!.name) ?? exchange;
    const { headers } = requestOf(sent, step.step);
    return requestFields([...headers, ...pairs(ofStep.list())], authorities[lane]!(request.authority));
  };
}

function pairs(flat: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}
