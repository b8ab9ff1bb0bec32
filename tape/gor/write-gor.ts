import type { Exchange } from "../exchange.js";
import { type GorLoss, recordsOfExchange } from "./records-of-exchange.js";

/** A tape as a GoReplay file, in pieces. `onLoss` is told of each Exchange that the format cannot say whole. */
export async function* writeGor(
  exchanges: AsyncIterable<Exchange>,
  onLoss: (loss: GorLoss) => void,
): AsyncGenerator<Buffer> {
  for await (const exchange of exchanges) {
    const { records, losses } = recordsOfExchange(exchange);
    yield* records;
    for (const loss of losses) onLoss(loss);
  }
}
