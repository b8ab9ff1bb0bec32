import type http from "node:http";
import http2 from "node:http2";
import type { Clock } from "../../base/index.js";
import { firstValue, type HeaderList, rawFromHeaderList, withoutFields, withoutHopByHop } from "../../message/index.js";
import type { Exchange } from "../../tape/index.js";

export type AnyResponse = http.ServerResponse | http2.Http2ServerResponse;

/** How recorded answers are given back. */
export interface StubManner {
  /** `recorded`: the head, and what came in pieces after it, each as long after the request as it was. */
  timing: "none" | "recorded";
}

type Response = Extract<Exchange["answer"], { kind: "response" }>;

/** Gives the recorded answer. One that broke off breaks off again, after what had come of it. */
export async function respond(
  exchange: Exchange,
  response: AnyResponse,
  { timing }: StubManner,
  clock: Clock,
): Promise<void> {
  const { answer } = exchange;
  const beganMs = clock.now();
  const reach = async (afterMs: number) => {
    if (timing === "recorded") await clock.sleepUntil(beganMs + afterMs);
  };
  if (answer.kind === "failure") {
    await reach(answer.afterMs);
    breakOff(response);
    return;
  }
  if (answer.kind !== "response") return;
  await reach(afterMs(exchange, exchange.answerStartedNs));
  writeHead(response, answer);
  for (const piece of piecesOf(exchange, answer)) {
    await reach(piece.afterMs);
    if (piece.bytes.length > 0) await written(response, piece.bytes);
  }
  await reach(afterMs(exchange, exchange.answerEndedNs));
  if (answer.end !== "complete" && answer.end !== "open") return breakOff(response);
  const trailers = withoutHopByHop(answer.trailers);
  if (trailers.length > 0) addTrailers(response, trailers);
  response.end();
}

/** An error of the stub's own, told from any recorded one by its mark; gRPC gets UNAVAILABLE. */
export function respondMissed(response: AnyResponse, said: string, isGrpc: boolean): void {
  const fields: [string, string][] = [["x-tapeloop-stub", "missed"]];
  if (isGrpc) {
    fields.push(
      ["content-type", "application/grpc"],
      ["grpc-status", "14"],
      ["grpc-message", encodeURIComponent(said)],
    );
    head(response, 200, fields);
    response.end();
    return;
  }
  fields.push(["content-type", "text/plain; charset=utf-8"]);
  head(response, 502, fields);
  response.end(`tapeloop stub: ${said}\n`);
}

/** Resolves when they have gone out, or never will. */
async function written(response: AnyResponse, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off("close", done);
      resolve();
    };
    response.on("close", done);
    (response as http.ServerResponse).write(bytes, done);
  });
}

/** The connection of HTTP/1.1, the stream of HTTP/2. */
function breakOff(response: AnyResponse): void {
  if ("stream" in response) response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  else response.socket?.destroy();
}

/** Framing is the server's own business; with trailers HTTP/1.1 has to be chunked. */
const framing: ReadonlySet<string> = new Set(["content-length"]);

function writeHead(response: AnyResponse, answer: Response): void {
  const recorded = withoutHopByHop(answer.headers);
  const isHead = response.req.method === "HEAD";
  const stated = firstValue(recorded, "content-length");
  const isWhole = answer.body.kind === "whole" && stated === String(answer.body.bytes.length);
  const keepsLength = answer.trailers.length === 0 && (isHead || isWhole || answer.end !== "complete");
  const fields = keepsLength ? recorded : withoutFields(recorded, framing);
  const names = answer.trailers.map(([name]) => name).join(", ");
  const announces = names !== "" && !("stream" in response);
  head(response, answer.status, announces ? [...fields, ["trailer", names]] : fields);
}

/** Over HTTP/2 it goes out with what follows, so that an answer of a head alone ends with it: gRPC's "Trailers-Only". */
function head(response: AnyResponse, status: number, fields: HeaderList): void {
  response.sendDate = false;
  if (!("stream" in response)) {
    response.writeHead(status, rawFromHeaderList(fields));
    return;
  }
  response.statusCode = status;
  for (const [name, values] of byName(fields)) response.setHeader(name, values.length === 1 ? values[0]! : values);
}

function addTrailers(response: AnyResponse, trailers: HeaderList): void {
  if ("stream" in response) response.addTrailers(Object.fromEntries(byName(trailers)));
  else response.addTrailers(trailers.map(([name, value]): [string, string] => [name, value]));
}

function byName(fields: HeaderList): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    named.set(lower, [...(named.get(lower) ?? []), value]);
  }
  return named;
}

/** The body in the pieces it came in, where that is known; else at once. */
function* piecesOf(exchange: Exchange, { body }: Response): Generator<{ bytes: Uint8Array; afterMs: number }> {
  if (!("bytes" in body)) return;
  let at = 0;
  for (const { direction, atNs, offset, length } of exchange.frames) {
    if (direction !== "to-client" || offset !== at || offset + length > body.bytes.length) continue;
    at = offset + length;
    yield { bytes: body.bytes.subarray(offset, at), afterMs: afterMs(exchange, atNs) };
  }
  if (at < body.bytes.length) yield { bytes: body.bytes.subarray(at), afterMs: 0 };
}

function afterMs({ startedNs }: Exchange, ns: bigint | undefined): number {
  return ns === undefined ? 0 : Number(ns - startedNs) / 1e6;
}
