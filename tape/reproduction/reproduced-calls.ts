import type { Exchange } from "../exchange.js";
import type { TapeReader } from "../store.js";

/** Calls of a tape in the order they are sent, to a target in place of where they were recorded. */
export async function reproducedCalls(tape: TapeReader, ids: readonly number[], target: string): Promise<Exchange[]> {
  const { protocol, host } = new URL(target);
  const exchanges: Exchange[] = [];
  for await (const exchange of tape.read({ ids })) {
    const { request } = exchange;
    const headers = request.headers.filter(([name]) => name.toLowerCase() !== "host");
    exchanges.push({
      ...exchange,
      request: { ...request, headers, scheme: protocol.slice(0, -1), authority: host },
    });
  }
  return exchanges;
}
