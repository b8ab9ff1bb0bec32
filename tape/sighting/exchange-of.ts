import { type Body, type HeaderList, headerListFromRaw } from "../../message/index.js";
import type { RecorderDescription } from "../captured.js";
import type { Answer, Exchange, Request } from "../exchange.js";
import type { RedactedBody, RedactedPart } from "../redaction/index.js";
import { afterStartNs, type Sighting } from "./sighting.js";

/** The Exchange that a sighting is, under the id its tape gave it. */
export function exchangeOf(sighting: Sighting, recorder: RecorderDescription, id: number): Exchange {
  const { part, startedNs } = sighting;
  return {
    id,
    recorder: recorder.id,
    sequence: part.sequence,
    vantage: part.vantage,
    ...sighting.parties,
    origin: recorder.origin,
    ...(part.connection === undefined ? {} : { connection: part.connection }),
    ...(part.client === undefined ? {} : { client: part.client }),
    ...(sighting.hop === undefined ? {} : { hop: sighting.hop }),
    ...(sighting.attempt === undefined ? {} : { attempt: sighting.attempt }),
    trace: sighting.trace,
    request: requestOf(part),
    answer: answerOf(part),
    startedNs,
    ...timesOf(sighting),
    frames: (part.frames ?? []).map(({ atMs, ...frame }) => ({
      ...frame,
      atNs: startedNs + BigInt(afterStartNs(part, atMs)),
    })),
    ...(part.beside?.proxy === undefined ? {} : { proxy: part.beside.proxy }),
    redacted: part.redacted,
  };
}

function requestOf(part: RedactedPart): Request {
  const { startedMs: _started, endedMs: _ended, headers, rawHeaders, trailers, body, ...line } = part.request;
  return {
    ...line,
    headers: headerListFromRaw(headers),
    ...(rawHeaders ? { rawHeaders: headerListFromRaw(rawHeaders) } : {}),
    trailers: listOf(trailers),
    body: bodyOf(body),
  };
}

function answerOf(part: RedactedPart): Answer {
  const { answer } = part;
  if (answer === undefined || answer.kind === "unknown") return { kind: "unknown" };
  if (answer.kind === "failure") {
    return { kind: "failure", reason: answer.reason, afterMs: afterStartNs(part, answer.endedMs) / 1e6 };
  }
  const { kind, status, end } = answer;
  const message = { headers: headerListFromRaw(answer.headers), trailers: listOf(answer.trailers) };
  return { kind, status, end, ...message, body: bodyOf(answer.body) };
}

function timesOf({
  part,
  startedNs,
}: Sighting): Pick<Exchange, "requestEndedNs" | "answerStartedNs" | "answerEndedNs"> {
  const { answer } = part;
  const at = (laterMs: number) => startedNs + BigInt(afterStartNs(part, laterMs));
  const answerEndedMs = answer && "endedMs" in answer ? answer.endedMs : undefined;
  return {
    ...(part.request.endedMs === undefined ? {} : { requestEndedNs: at(part.request.endedMs) }),
    ...(answer?.kind === "response" ? { answerStartedNs: at(answer.startedMs) } : {}),
    ...(answerEndedMs === undefined ? {} : { answerEndedNs: at(answerEndedMs) }),
  };
}

/** Takes the bytes over into memory of their own: those of a part are a view into its batch. */
function bodyOf(body: RedactedBody): Body {
  if (body.kind === "empty") return body;
  const hash = Buffer.from(body.hash).toString("hex");
  if (body.kind === "unredactable") return { ...body, hash };
  return { ...body, bytes: Uint8Array.from(body.bytes), hash };
}

function listOf(flat: readonly string[] | undefined): HeaderList {
  return flat === undefined ? [] : headerListFromRaw(flat);
}
