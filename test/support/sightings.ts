import type { Call, ExchangeHead, Vantage } from "../../tape/index.js";
import { exchangeHead } from "./exchange-head.js";

export interface Sighting {
  at: [fromMs: number, toMs?: number];
  vantage?: Vantage;
  callee: string;
  path: string;
  authority?: string;
  requestId?: string;
  traceId?: string;
  caller?: string;
  client?: string;
  recorder?: string;
  hop?: string;
}

let lastId = 0;

/** A GET as one recorder saw it. Times are milliseconds; without an end the answer was not seen to end. */
export function seen(sighting: Sighting): ExchangeHead {
  const { at, vantage = "inbound", callee, path, requestId, traceId, caller, client } = sighting;
  const toNs = (ms: number) => 1_000_000_000_000n + BigInt(Math.round(ms * 1e6));
  const name = sighting.recorder ?? `${vantage}-${callee}`;
  const head = exchangeHead({
    id: ++lastId,
    vantage,
    callee,
    recorder: { name, incarnation: Buffer.from(name).toString("hex").padEnd(16, "0").slice(-16) },
    trace: { ...(requestId !== undefined && { requestId }), ...(traceId !== undefined && { traceId }) },
    startedNs: toNs(at[0]),
    ...(caller !== undefined && { caller }),
    ...(sighting.hop !== undefined && { hop: sighting.hop }),
    ...(client !== undefined && { client }),
    ...(vantage === "mirror" && { answer: { kind: "unknown" } }),
    request: { path, authority: sighting.authority ?? `${callee}:9080` },
  });
  const { answerEndedNs: _, ...open } = head;
  return at[1] === undefined ? open : { ...open, answerEndedNs: toNs(at[1]) };
}

/** `callee path (vantages) entry?` of each call. */
export function inWords(calls: readonly Call[]): string[] {
  return calls.map(
    ({ best, sightings, entry }) =>
      `${best.callee} ${best.request.path} (${sightings.map(({ vantage }) => vantage).join("+")})${entry ? " entry" : ""}`,
  );
}

export const requestId = "6db69b60-1f03-4c1e-885b-5cab4cc22fc5";
