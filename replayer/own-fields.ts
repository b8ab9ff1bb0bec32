import { baggageFor, type FaultMark, faultBaggage, markedRequestId, replayMarks } from "../base/index.js";
import { identityLines, identityMaker, type ReplayIdentity } from "./identity.js";
import { fieldLines } from "./send/plain-request.js";
import type { OwnFields } from "./send/wire-request.js";

/**
 * Makes what tells a Step's request from every other of its run and lane: identity, trace, marks. Fields of which the
 * operator has `given` values of their own are left out. `baggage`: recorded members that go before ours. A request that is to meet
 * a fault carries its mark.
 */
export function ownFieldsMaker(
  { run, lane }: { run: string; lane: string },
  given: ReadonlySet<string>,
): (step: number, baggage: string, fault?: FaultMark) => OwnFields {
  const identityOf = identityMaker({ run, lane });
  const identityTextOf = identityLines({ run, lane });
  const list = (step: number, baggage: string, fault?: FaultMark) =>
    without(given, flatFields({ run, step: String(step), lane, baggage }, identityOf(step), fault));
  // One Step's lines hold those of all others: what stands between its parts.
  const [before = "", after = ""] = baggageFor({ run, step: "\0", lane }).split("\0");
  const baggageBegin = `baggage: ${before}`;
  const baggageEnd = `${after}\r\n${replayMarks.step}: `;
  const common = `\r\n${replayMarks.run}: ${run}\r\n${replayMarks.lane}: ${lane}\r\n`;
  const isUsual = without(given, flatFields({ run, step: "", lane, baggage: "" }, identityOf(0))).length === 12;
  const lines = (step: number, baggage: string, fault?: FaultMark) => {
    if (!isUsual || fault !== undefined || !isPlain(baggage)) return fieldLines(list(step, baggage, fault));
    const begin = baggage === "" ? baggageBegin : `baggage: ${baggage}${before}`;
    return identityTextOf(step) + begin + step + baggageEnd + step + common;
  };
  const writing = { list, lines };
  return (step, baggage, fault) => new FieldsOfStep(writing, step, baggage, fault);
}

/** Writes those of any Step. */
interface Writing {
  list(step: number, baggage: string, fault?: FaultMark): readonly string[];
  lines(step: number, baggage: string, fault?: FaultMark): string | undefined;
}

class FieldsOfStep implements OwnFields {
  readonly #writing: Writing;
  readonly #step: number;
  readonly #baggage: string;
  readonly #fault: FaultMark | undefined;

  constructor(writing: Writing, step: number, baggage: string, fault: FaultMark | undefined) {
    this.#writing = writing;
    this.#step = step;
    this.#baggage = baggage;
    this.#fault = fault;
  }

  list(): readonly string[] {
    return this.#writing.list(this.#step, this.#baggage, this.#fault);
  }

  lines(): string | undefined {
    return this.#writing.lines(this.#step, this.#baggage, this.#fault);
  }
}

function flatFields(
  { run, step, lane, baggage }: { run: string; step: string; lane: string; baggage: string },
  { requestId, traceId, spanId }: ReplayIdentity,
  fault?: FaultMark,
): string[] {
  // Flags 00: the recorded sampling decision is not ours to repeat.
  const traceparent = `00-${traceId}-${spanId}-00`;
  const faulted = fault === undefined ? "" : `,${faultBaggage(fault)}`;
  return [
    ...["x-request-id", fault === undefined ? requestId : markedRequestId(requestId, fault)],
    ...["traceparent", traceparent],
    ...["baggage", baggage + baggageFor({ run, step, lane }) + faulted],
    ...[replayMarks.run, run],
    ...[replayMarks.step, step],
    ...[replayMarks.lane, lane],
  ];
}

function without(given: ReadonlySet<string>, flat: readonly string[]): string[] {
  return flat.filter((_, at) => !given.has(flat[at - (at % 2)]!));
}

/** Most requests carry no baggage of their own. */
function isPlain(baggage: string): boolean {
  return baggage === "" || /^[\t\x20-\x7e\x80-\xff]*$/.test(baggage);
}
