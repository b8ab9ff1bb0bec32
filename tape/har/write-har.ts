import type { Exchange } from "../exchange.js";
import type { RedactionKey } from "../redaction/index.js";
import type { TapeReader } from "../store.js";
import { entryOfExchange } from "./entry-of-exchange.js";
import type { LogExtras } from "./schema.js";

/** A tape as HAR 1.2, in pieces of text: a line an entry. `key` is the tape's, where it is at hand: entries are sealed with it. */
export async function* writeHar(
  tape: TapeReader,
  exchanges: AsyncIterable<Exchange>,
  options: { key: RedactionKey | undefined; creatorVersion: string },
): AsyncGenerator<string> {
  const log = {
    version: "1.2",
    creator: { name: "tapeloop", version: options.creatorVersion },
    _tapeloop: await aboutTape(tape),
  };
  // The members that say what the entries are come first: who reads it as a stream must know them by then.
  yield `{"log":${JSON.stringify(log).slice(0, -1)},"entries":[`;
  let separator = "\n";
  for await (const exchange of exchanges) {
    yield separator + JSON.stringify(entryOfExchange(exchange, options.key));
    separator = ",\n";
  }
  yield "\n]}}\n";
}

async function aboutTape(tape: TapeReader): Promise<LogExtras> {
  const { recorders } = await tape.stats();
  return {
    version: 1,
    keyId: tape.keyId,
    recorders: recorders.map(({ id, service, upstream, redaction }) => ({
      name: id.name,
      incarnation: id.incarnation,
      ...(service === undefined ? {} : { service }),
      ...(upstream === undefined ? {} : { upstream }),
      ...(redaction === undefined ? {} : { redaction: [...redaction] }),
    })),
  };
}
