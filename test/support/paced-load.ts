import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";

export interface PacedLoad {
  count: number;
  perSecond: number;
  path: (call: number) => string;
  /** Of each body. */
  bodyBytes?: number;
  /** Ends early. */
  stop?: () => boolean;
}

export interface PacedResult {
  answered: number;
  /** By status or error code, what was no 200. */
  other: Record<string, number>;
  /** The longest that a call took from when it was sent, in milliseconds. */
  slowestMs: number;
}

/** POSTs at moments fixed beforehand, however long the answers take: a slow answer holds no later call back. */
export async function pacedLoad(port: number, load: PacedLoad): Promise<PacedResult> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 });
  const result: PacedResult = { answered: 0, other: {}, slowestMs: 0 };
  const startedMs = performance.now();
  const calls: Promise<void>[] = [];
  for (let call = 0; call < load.count && !load.stop?.(); call++) {
    const waitMs = startedMs + (call * 1000) / load.perSecond - performance.now();
    if (waitMs > 1) await delay(waitMs);
    calls.push(callOnce(pool, load, call, result));
  }
  await Promise.all(calls);
  await pool.close();
  return result;
}

async function callOnce(pool: Pool, load: PacedLoad, call: number, result: PacedResult): Promise<void> {
  const sentMs = performance.now();
  const word = await ask(pool, load.path(call), "x".repeat(load.bodyBytes ?? 1000));
  result.slowestMs = Math.max(result.slowestMs, performance.now() - sentMs);
  if (word === "200") result.answered++;
  else result.other[word] = (result.other[word] ?? 0) + 1;
}

async function ask(pool: Pool, path: string, body: string): Promise<string> {
  try {
    const answer = await pool.request({ method: "POST", path, headers: { "content-type": "text/plain" }, body });
    await answer.body.dump();
    return String(answer.statusCode);
  } catch (failure) {
    return (failure as { code?: string }).code ?? String(failure);
  }
}
