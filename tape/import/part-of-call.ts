import type { CapturedAnswer, CapturedCall, RecorderDescription } from "../captured.js";
import type { Frame } from "../exchange.js";
import type { ImportedCall } from "./imported.js";

/** What lies further from the start than this many nanoseconds (104 days) has a time that is none. */
const furthestNs = 2n ** 53n;

/** A call from a file as a recorder hands it over: with times on the clock of `recorder`. */
export function partOfCall(call: ImportedCall, sequence: number, recorder: RecorderDescription): CapturedCall {
  const { startedNs, requestEndedNs, connection, frames } = call;
  const ms = (ns: bigint) => Number(near(startedNs, ns) - recorder.epochNsAtZero) / 1e6;
  const part: CapturedCall = {
    part: "call",
    sequence,
    vantage: "import",
    request: { ...call.request, startedMs: ms(startedNs) },
    answer: answerOf(call, ms),
  };
  if (requestEndedNs !== undefined) part.request.endedMs = ms(requestEndedNs);
  if (connection !== undefined) part.connection = connection;
  if (frames && frames.length > 0) part.frames = frames.map((frame) => withMs(frame, ms));
  return part;
}

function answerOf(call: ImportedCall, ms: (ns: bigint) => number): CapturedAnswer {
  const { answer, startedNs, requestEndedNs = startedNs } = call;
  const { answerStartedNs = requestEndedNs, answerEndedNs } = call;
  switch (answer.kind) {
    case "unknown":
      return answer;
    case "failure":
      return { ...answer, endedMs: ms(answerEndedNs ?? requestEndedNs) };
    case "response":
      return {
        ...answer,
        startedMs: ms(answerStartedNs),
        ...(answerEndedNs === undefined ? {} : { endedMs: ms(answerEndedNs) }),
      };
  }
}

function withMs({ atNs, ...frame }: Omit<Frame, "kind"> & Pick<Frame, "kind">, ms: (ns: bigint) => number) {
  return { ...frame, atMs: ms(atNs) };
}

function near(startedNs: bigint, ns: bigint): bigint {
  const distance = ns - startedNs;
  return distance < furthestNs && -distance < furthestNs ? ns : startedNs;
}
