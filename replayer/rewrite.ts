import { type FaultMark, replayMarks } from "../base/index.js";
import {
  allValues,
  firstValue,
  type HeaderField,
  type HeaderList,
  hopByHopFields,
  rawFromHeaderList,
  withoutHopByHop,
} from "../message/index.js";
import type { Request } from "../tape/index.js";
import { type AuthorityChoice, authorityMaker } from "./authority.js";
import { ownFieldsMaker } from "./own-fields.js";
import { rememberPerList } from "./remember.js";
import type { WireRequest } from "./send/wire-request.js";

/** What is the same for every request to one lane. */
export interface Rewriting extends AuthorityChoice {
  run: string;
  lane: string;
  /** Path of the lane's base URL, put before every recorded path; empty for most. */
  pathPrefix: string;
  /** The operator's own fields: they replace recorded ones of that name, an empty value removes. */
  headers: readonly HeaderField[];
}

/**
 * Fields that are never sent as they were recorded: framing and authority, which the sender writes itself; `expect`,
 * since the whole body is at hand; and trace context, which would join the replay to the recorded trace (W3C Trace
 * Context; B3 in both its forms; the recorded sampling decision goes with it).
 */
const replaced: ReadonlySet<string> = new Set([
  ...hopByHopFields,
  "host",
  "content-length",
  "expect",
  "x-request-id",
  "traceparent",
  "tracestate",
  "baggage",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  replayMarks.run,
  replayMarks.step,
  replayMarks.lane,
]);

/**
 * Makes the function that turns a recorded request into what is sent to a lane. Pure.
 *
 * `x-forwarded-host` is neither added nor touched: services build links from it, and a replay adds nothing that changes
 * an answer. Who wants the recorded host keeps it (`keepHost`).
 */
export function rewriterFor(rewriting: Rewriting): (request: Request, step: number, fault?: FaultMark) => WireRequest {
  const given = givenFields(rewriting.headers);
  const dropped = droppedNames(given);
  const kept = rememberPerList((list) => keptFields(list, dropped, given));
  const ownFields = ownFieldsMaker(rewriting, given.names);
  const authorityOf = authorityMaker(rewriting);
  return (request, step, fault) => {
    const { fields, baggage, isGrpc, hasLength } = kept(request.headers);
    return {
      method: request.method,
      path: request.path.startsWith("/") ? rewriting.pathPrefix + request.path : request.path,
      authority: authorityOf(request.authority),
      headers: fields,
      own: ownFields(step, baggage, fault),
      body: request.body.kind === "whole" ? request.body.bytes : undefined,
      hasLength,
      trailers: request.trailers.length === 0 ? noTrailers : rawFromHeaderList(request.trailers),
      protocol: request.protocol === "h2" || isGrpc ? "h2" : "http/1.1",
    };
  };
}

/** Those of the recorded fields that go out, flat; without the operator's own. */
export function recordedFields(recorded: HeaderList, headers: Rewriting["headers"]): readonly string[] {
  const given = givenFields(headers);
  return keptFields(recorded, droppedNames(given), { ...given, headers: [] }).fields;
}

/** Names of the fields that the operator has set, as they were written. */
export function givenNames(headers: Rewriting["headers"]): string[] {
  return headers.filter(([, value]) => value !== "").map(([name]) => name);
}

function droppedNames(given: Given): ReadonlySet<string> {
  return new Set([...replaced, ...given.names]);
}

const noTrailers: readonly string[] = [];

/** What follows from the recorded fields alone. */
interface Kept {
  /** Flat: name, value, name, value …; those given by the operator among them. */
  fields: readonly string[];
  /** Members of the recorded `baggage` that are not marks of an earlier replay, each with a comma after it. */
  baggage: string;
  isGrpc: boolean;
  hasLength: boolean;
}

function keptFields(recorded: HeaderList, dropped: ReadonlySet<string>, given: Given): Kept {
  const fields: string[] = [];
  for (const [name, value] of withoutConnectionFields(recorded)) {
    if (!dropped.has(name.toLowerCase())) fields.push(name, value);
  }
  // gRPC-Web is framed for HTTP/1.1 and goes the way it came.
  const isGrpc = /^application\/grpc(\+|;|$)/i.test(firstValue(recorded, "content-type") ?? "");
  const takesTrailers = /(^|[,\s])trailers\b/i.test(firstValue(recorded, "te") ?? "");
  // TE speaks about our own connection: trailers are read, and gRPC asks for them (gRPC over HTTP/2, "Requests").
  if ((isGrpc || takesTrailers) && !given.names.has("te")) fields.push("te", "trailers");
  fields.push(...given.headers);
  return {
    fields,
    baggage: recordedBaggage(recorded)
      .map((member) => `${member},`)
      .join(""),
    isGrpc,
    hasLength: firstValue(recorded, "content-length") !== undefined,
  };
}

/** Only a `Connection` that names more than how long it lasts asks for a closer look. */
function withoutConnectionFields(headers: HeaderList): HeaderList {
  const namesFields = headers.some(
    ([name, value]) =>
      name.length === 10 && name.toLowerCase() === "connection" && !/^(keep-alive|close)$/i.test(value),
  );
  return namesFields ? withoutHopByHop(headers) : headers;
}

function recordedBaggage(headers: HeaderList): string[] {
  return allValues(headers, "baggage")
    .flatMap((value) => value.split(","))
    .map((member) => member.trim())
    .filter((member) => member !== "" && !member.startsWith("tapeloop."));
}

/** The operator's own fields. */
interface Given {
  names: ReadonlySet<string>;
  /** Flat, without those that only remove. */
  headers: string[];
}

function givenFields(fields: readonly HeaderField[]): Given {
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  const sent = fields.filter(([name, value]) => value !== "" && name.toLowerCase() !== "host");
  return { names, headers: rawFromHeaderList(sent) };
}
