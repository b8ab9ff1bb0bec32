import type { Exchange, Request } from "../exchange.js";
import type { TapeReader } from "../store.js";

/** Where calls are sent in place of where they were recorded. */
export interface ReproducedAt {
  target: string;
  /** As `host` they keep the authority they were recorded with. */
  keepHost?: boolean;
}

/** Calls of a tape in the order they are sent, to a target in place of where they were recorded. */
export async function reproducedCalls(
  tape: TapeReader,
  ids: readonly number[],
  { target, keepHost = false }: ReproducedAt,
): Promise<Exchange[]> {
  const { protocol, host } = new URL(target);
  const exchanges: Exchange[] = [];
  for await (const exchange of tape.read({ ids })) {
    const { request } = exchange;
    const headers = [
      ...hostOf(request, keepHost),
      ...request.headers.filter(([name]) => name.toLowerCase() !== "host"),
    ];
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
