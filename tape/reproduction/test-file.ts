import { firstValue, isIdempotencyKey, withoutHopByHop } from "../../message/index.js";
import type { Answer, Exchange } from "../exchange.js";
import type { DifferenceKind, Place, TlsFiles } from "../run.js";
import type { ReproducedAt } from "./reproduced-calls.js";
import { testFileCode } from "./test-file-code.js";

/** What a test file asserts: that the answer to one of its calls is what the reference's is, at one place. */
export interface ReproducedDivergence {
  /** One sentence; the test's title. */
  title: string;
  /** Exchange id of the call at which it shows. */
  target: number;
  /** Where in that call's own answer. */
  place: Place;
  kind: DifferenceKind;
  /** What the reference answered: the recording, or the baseline. */
  reference: Answer;
  /** Places of that answer where pseudonyms stand: values there are not compared. */
  redacted: readonly string[];
}

/** Kinds that are told by whether something is there, of what type and how often, whatever its value. */
const ofShape = /^(?:missing|added)-|^(?:changed-type|array-length|duplicate-key|status|failure|answer-end)$/;

/**
 * Why no test can be written that fails as long as the divergence is there, in one sentence; undefined where one can be.
 */
export function whyUntestable({ place, kind, redacted }: ReproducedDivergence): string | undefined {
  if (place === "timing") return "how long an answer takes is told by many of them";
  if (place === "hop") return "it is at a hop below, and the answer to the call does not show it";
  if (standsFor(redacted, place) && !ofShape.test(kind)) return `the tape holds a pseudonym at ${place}, not the value`;
  return undefined;
}

/** Whether one of the redacted places is this one, array indexes of it as `*`. */
function standsFor(redacted: readonly string[], place: Place): boolean {
  const cookie = /^header:set-cookie\/([^/]+)$/.exec(place)?.[1];
  const names = cookie === undefined ? [place] : [place, `set-cookie:${cookie}`, `cookie:${cookie}`];
  return redacted.some((one) => names.includes(one) || names.includes(one.replace(/\/\d+(?=\/|$)/g, "/*")));
}

/** A call as the test file holds it. */
interface HeldCall {
  id: number;
  method: string;
  path: string;
  h2: boolean;
  /** Name, value, name, value …: repeats are kept. */
  headers: readonly string[];
  /** Where in `headers` keys of idempotency stand that are drawn anew each time the test is run; absent for none. */
  keys?: readonly number[];
  /** Base64; absent for none. */
  body?: string;
  /** It stated no length: over HTTP/1.1 it goes out in chunks. */
  chunked?: true;
}

/**
 * A test for `node --test` that needs nothing but Node: sends the calls in order to TARGET (by default `target`) and
 * asserts that the last word of the divergence is gone. It fails as long as the divergence is there, but for one of which
 * {@link whyUntestable} says that none can. `tls`: files that an https target needs.
 */
export function testFile(
  calls: readonly Exchange[],
  { target, keepIdempotencyKeys = false }: ReproducedAt,
  divergence: ReproducedDivergence,
  tls: TlsFiles = {},
): string {
  const { title, target: id, place, kind, reference, redacted } = divergence;
  const held = calls.map((call) => heldCall(call, !keepIdempotencyKeys));
  const check = {
    ...{ title, call: calls.findIndex((call) => call.id === id), place, kind },
    expected: heldAnswer(reference),
    byType: standsFor(redacted, place),
  };
  return testFileCode({ target, tls, calls: held, check });
}

/** What a client writes itself, and the identity of the recorded request. A host is there only where it is kept. */
const left: ReadonlySet<string> = new Set(["content-length", "x-request-id", "traceparent", "tracestate"]);

function heldCall({ id, request }: Exchange, drawsKeys: boolean): HeldCall {
  const { method, path, protocol, headers, body } = request;
  const sent = withoutHopByHop(headers).filter(([name]) => !left.has(name.toLowerCase()));
  const keys = drawsKeys ? sent.flatMap(([name], at) => (isIdempotencyKey(name) ? [2 * at + 1] : [])) : [];
  const fields = { headers: sent.flat(), ...(keys.length === 0 ? {} : { keys }) };
  const held = { id, method, path, h2: protocol === "h2", ...fields };
  if (body.kind !== "whole") return held;
  const hasLength = firstValue(headers, "content-length") !== undefined;
  return { ...held, body: Buffer.from(body.bytes).toString("base64"), ...(hasLength ? {} : { chunked: true }) };
}

function heldAnswer(answer: Answer): object {
  if (answer.kind !== "response")
    return { kind: answer.kind, ...("status" in answer ? { status: answer.status } : {}) };
  const { status, headers, trailers, body, end } = answer;
  const bytes = "bytes" in body ? Buffer.from(body.bytes).toString("base64") : "";
  const fields = { headers: headers.flat(), trailers: trailers.flat() };
  return { kind: "response", status, ...fields, body: bytes, complete: end === "complete" };
}
