import type { RedactionKey } from "../../tape/index.js";
import { BatchEncoder, openTapeWriter } from "../../tape/index.js";
import { answerTo } from "./replay-answers.js";

/** A tape to be written for a bench. */
export interface BenchTape {
  /** Which answers: `small` or `large`. */
  kind: string;
  calls: number;
  /** So many calls overlap at any time. */
  connections: number;
  key: RedactionKey;
}

/** A folder tape as an inline recorder would have written it, each call on one of the connections. Holds one batch at a time. */
export async function writeBenchTape(path: string, { kind, calls, connections, key }: BenchTape): Promise<void> {
  const id = { name: "bench", incarnation: "00000000000000bb" };
  const writer = await openTapeWriter({ path, key, recorder: { id, origin: {}, epochNsAtZero: 0n } });
  let encoder = new BatchEncoder(1 << 20);
  for (let at = 0; at < calls; at++) {
    const part = partOf(kind, at, connections);
    if (encoder.add(part)) continue;
    await writer.append(encoder.take());
    encoder = new BatchEncoder(1 << 20);
    encoder.add(part);
  }
  await writer.append(encoder.take());
  await writer.close();
}

function partOf(kind: string, at: number, connections: number): Parameters<BatchEncoder["add"]>[0] {
  const path = `/${kind}/${at}`;
  const body = Buffer.from(answerTo(path));
  const headers = ["content-type", "application/json", "content-length", String(body.length)];
  const end = { body: { pieces: [body], fullBytes: body.length }, end: "complete" as const };
  const times = { startedMs: at, endedMs: at + connections - 0.5 };
  return {
    part: "call",
    sequence: at + 1,
    vantage: "inbound",
    connection: `c${at % connections}`,
    request: {
      ...{ method: "GET", scheme: "http", authority: "bench:80", path, protocol: "http/1.1" },
      ...{ headers: ["host", "bench:80", "user-agent", "bench", "accept", "*/*"], end: "complete" },
      ...{ body: { pieces: [], fullBytes: 0 }, startedMs: at, endedMs: at },
    },
    answer: { kind: "response", status: 200, headers, ...end, ...times },
  };
}
