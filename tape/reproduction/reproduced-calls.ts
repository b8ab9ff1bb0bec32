import { randomUUID } from "node:crypto";
import { drawnKey, type HeaderField, isIdempotencyKey } from "../../message/index.js";
import type { Exchange, Request } from "../exchange.js";
import type { TapeReader } from "../store.js";

/** Where calls are sent in place of where they were recorded. */
export interface ReproducedAt {
  target: string;
  /** As `host` they keep the authority they were recorded with. */
  keepHost?: boolean;
  /** Else theirs are drawn anew: a target that has met the recorded ones would answer from its store. */
  keepIdempotencyKeys?: boolean;
}

/** Calls of a tape in the order they are sent, to a target in place of where they were recorded. */
export async function reproducedCalls(
  tape: TapeReader,
  ids: readonly number[],
  { target, keepHost = false, keepIdempotencyKeys = false }: ReproducedAt,
): Promise<Exchange[]> {
  const { protocol, host } = new URL(target);
  const seed = randomUUID();
  const sent = ([name, value]: HeaderField): HeaderField =>
    keepIdempotencyKeys || !isIdempotencyKey(name) ? [name, value] : [name, drawnKey(value, seed)];
  const exchanges: Exchange[] = [];
  for await (const exchange of tape.read({ ids })) {
    const { request } = exchange;
    const others = request.headers.filter(([name]) => name.toLowerCase() !== "host");
    const headers = [...hostOf(request, keepHost), ...others.map(sent)];
    exchanges.push({
      ...exchange,
      request: { ...request, headers, scheme: protocol.slice(0, -1), authority: host },
    });
  }
  return exchanges;
}

function hostOf({ authority }: Request, keepHost: boolean): [name: string, value: string][] {
  return keepHost && authority !== "" ? [["host", authority]] : [];
}
