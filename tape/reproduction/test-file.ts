import { withoutHopByHop } from "../../message/index.js";
import type { Answer, Exchange } from "../exchange.js";
import type { DifferenceKind, Place } from "../run.js";
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

/** A call as the test file holds it. */
interface HeldCall {
  id: number;
  method: string;
  path: string;
  h2: boolean;
  /** Name, value, name, value …: repeats are kept. */
  headers: readonly string[];
  /** Base64; absent for none. */
  body?: string;
}

/**
 * A test for `node --test` that needs nothing but Node: sends the calls in order to TARGET (by default `target`) and
 * asserts that the last word of the divergence is gone. It fails as long as the divergence is there.
 */
export function testFile(calls: readonly Exchange[], target: string, divergence: ReproducedDivergence): string {
  const { title, target: id, place, kind, reference, redacted } = divergence;
  const held = calls.map(heldCall);
  const check = {
    ...{ title, call: calls.findIndex((call) => call.id === id), place, kind },
    expected: heldAnswer(reference),
    byType: redacted.includes(place),
  };
  return testFileCode({ target, calls: held, check });
}

/** What a client writes itself, and the identity of the recorded request. */
const left: ReadonlySet<string> = new Set(["host", "content-length", "x-request-id", "traceparent", "tracestate"]);

function heldCall({ id, request }: Exchange): HeldCall {
  const { method, path, protocol, headers, body } = request;
  const sent = withoutHopByHop(headers).filter(([name]) => !left.has(name.toLowerCase()));
  const held = { id, method, path, h2: protocol === "h2", headers: sent.flat() };
  return body.kind === "whole" ? { ...held, body: Buffer.from(body.bytes).toString("base64") } : held;
}

function heldAnswer(answer: Answer): object {
  if (answer.kind !== "response")
    return { kind: answer.kind, ...("status" in answer ? { status: answer.status } : {}) };
  const { status, headers, trailers, body } = answer;
  const bytes = "bytes" in body ? Buffer.from(body.bytes).toString("base64") : "";
  return { kind: "response", status, headers: headers.flat(), trailers: trailers.flat(), body: bytes };
}
