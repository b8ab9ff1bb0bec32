import { defined } from "../../base/index.js";
import { type Body, type HeaderList, unknownHash } from "../../message/index.js";
import type { Answer, Exchange } from "../exchange.js";
import { wireText } from "../import/imported.js";
import { bytesOfBase64 } from "./body-text.js";
import type { BodyExtras, EntryExtras, HarEntry, HarField } from "./schema.js";

/**
 * The Exchange that one of our own entries was made of; its id is a tape's own and comes from the next one. Undefined
 * where its body is not the one its extras speak of.
 */
export function exchangeOfEntry(entry: HarEntry, extras: EntryExtras): Exchange | undefined {
  const body = bodyOf(extras.request.body, entry.request.postData?.text);
  const answer = answerOf(entry, extras);
  if (body === undefined || answer === undefined) return undefined;
  const { rawHeaders, trailers, body: _body, ...line } = extras.request;
  const exchange: Exchange = {
    id: 0,
    recorder: extras.recorder,
    sequence: extras.sequence,
    vantage: extras.vantage,
    callee: extras.callee,
    origin: defined(extras.origin),
    trace: defined(extras.trace),
    request: {
      ...line,
      method: entry.request.method,
      headers: listOf(entry.request.headers),
      trailers: cleaned(trailers),
      body,
      ...(rawHeaders ? { rawHeaders: cleaned(rawHeaders) } : {}),
    },
    answer,
    startedNs: extras.startedNs,
    frames: extras.frames,
    redacted: extras.redacted,
  };
  for (const name of ["caller", "connection", "client", "hop"] as const) {
    if (extras[name] !== undefined) exchange[name] = extras[name];
  }
  for (const name of ["requestEndedNs", "answerStartedNs", "answerEndedNs"] as const) {
    if (extras[name] !== undefined) exchange[name] = extras[name];
  }
  if (extras.attempt !== undefined) exchange.attempt = extras.attempt;
  if (extras.proxy !== undefined) exchange.proxy = defined(extras.proxy);
  return exchange;
}

function answerOf({ response }: HarEntry, { answer }: EntryExtras): Answer | undefined {
  switch (answer.kind) {
    case "unknown":
      return { kind: "unknown" };
    case "status-only":
      return { kind: "status-only", status: response.status };
    case "failure":
      return answer;
    case "response": {
      const body = bodyOf(answer.body, response.content.text);
      const { end, trailers } = answer;
      const headers = listOf(response.headers);
      return body && { kind: "response", status: response.status, end, headers, trailers: cleaned(trailers), body };
    }
  }
}

/** Bytes that the text is not stand beside it in base64. */
function bodyOf({ kind, base64, fullBytes, hash = unknownHash }: BodyExtras, text: string | null | undefined) {
  const bytes = base64 === undefined ? Buffer.from(text ?? "", "utf8") : bytesOfBase64(base64);
  const bodies: Record<BodyExtras["kind"], Body | undefined> = {
    empty: { kind: "empty" },
    whole: bytes && { kind: "whole", bytes, hash },
    cut: bytes && fullBytes !== undefined ? { kind: "cut", bytes, fullBytes, hash } : undefined,
    unredactable: fullBytes === undefined ? undefined : { kind: "unredactable", fullBytes, hash },
  };
  return bodies[kind];
}

function listOf(fields: readonly HarField[]): HeaderList {
  return fields.map(({ name, value }) => [wireText(name), wireText(value)]);
}

function cleaned(pairs: HeaderList): HeaderList {
  return pairs.map(([name, value]) => [wireText(name), wireText(value)]);
}
