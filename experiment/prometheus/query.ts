import { request } from "undici";
import { reasonOf } from "../../base/index.js";
import { parseQueryAnswer, type QueryAnswer } from "./answer.js";

/** A Prometheus that is slower than this is taken for gone. */
const answerMs = 10_000;
/** An answer that is longer than this is no threshold's. */
const mostBytes = 1 << 20;

/** Asks a Prometheus for the value of a query now. Never rejects: one that cannot be reached is an unknown, too. */
export async function askPrometheus(base: string, query: string, signal?: AbortSignal): Promise<QueryAnswer> {
  const url = new URL("api/v1/query", base.endsWith("/") ? base : `${base}/`);
  const limit = AbortSignal.timeout(answerMs);
  try {
    const { statusCode, body } = await request(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: new URLSearchParams({ query }).toString(),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    return parseQueryAnswer(statusCode, await limitedText(body));
  } catch (trouble) {
    const why = limit.aborted ? `no answer within ${answerMs / 1000} s` : reasonOf(trouble);
    return { kind: "unknown", why: `cannot reach Prometheus at ${url.origin}: ${why}` };
  }
}

async function limitedText(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > mostBytes) throw new Error("its answer is longer than 1 MiB");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
