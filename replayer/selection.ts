import { type Call, comparableRequestId, type ExchangeHead, type TapeReader } from "../tape/index.js";
import type { CallSelection } from "./options.js";

/** Says of each Exchange whether it is chosen by itself: by id, time and condition. Walks the tape where headers or bodies decide. */
export async function chosenExchanges(
  tape: Pick<TapeReader, "read">,
  selection: CallSelection,
): Promise<(head: ExchangeHead) => boolean> {
  const { whereWhole } = selection;
  const byHead = chosenByHead(selection);
  if (whereWhole === undefined) return byHead;
  const whole = new Set<number>();
  for await (const { id } of tape.read({ where: byHead, whereWhole })) whole.add(id);
  return (head) => whole.has(head.id);
}

/** The same, as far as heads tell: `whereWhole` is not consulted. */
export function chosenByHead(selection: CallSelection): (head: ExchangeHead) => boolean {
  const { where, fromNs, toNs } = selection;
  const ids = selection.ids === undefined ? undefined : new Set(selection.ids);
  return (head) =>
    (ids === undefined || ids.has(head.id)) &&
    (fromNs === undefined || head.startedNs >= fromNs) &&
    (toNs === undefined || head.startedNs < toNs) &&
    (where === undefined || where(head));
}

/** Says which calls are selected: those with a chosen sighting, by where they came from, went to and belong to. */
export function selectsCalls(
  { entry, service, trace }: CallSelection,
  chosen: (head: ExchangeHead) => boolean,
): (call: Call) => boolean {
  const isOfTrace = trace === undefined ? () => true : belongsTo(trace);
  return (call) =>
    (entry !== true || call.entry) &&
    (service === undefined || call.best.callee === service) &&
    isOfTrace(call) &&
    call.sightings.some(chosen);
}

/** By trace id or request id, as people find them in a log: of a call that carries either, or is joined to one that does. */
function belongsTo(trace: string): (call: Call) => boolean {
  const traceId = trace.trim().toLowerCase();
  const requestId = comparableRequestId(trace.trim());
  return ({ traceKey, sightings }) =>
    traceKey === `trace ${traceId}` ||
    traceKey === `request ${requestId}` ||
    sightings.some(
      ({ trace: own }) =>
        own.traceId?.toLowerCase() === traceId ||
        (own.requestId !== undefined && comparableRequestId(own.requestId) === requestId),
    );
}
