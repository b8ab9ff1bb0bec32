import type { ExchangeHead } from "../../tape/index.js";
import type { StepTies } from "../step-table.js";
import { hashOf } from "./hash.js";
import { clientKey, isWrite, resourceKey } from "./keys.js";

/**
 * What a head alone tells of a call's ties, for the forecast: its cookies are among the header fields, which are read when
 * its turn comes. Where some were redacted, it has a session of its own that is not its client's address.
 */
export function tiesOf({ connection, client, callee, vantage, recorder, request, redacted }: ExchangeHead): StepTies {
  const hasOwnSession = redacted.request.some(
    (place) => place.startsWith("cookie:") || place === "header:authorization",
  );
  return {
    connection:
      connection === undefined || vantage === "mirror" ? 0 : short(hashOf(`${recorder.incarnation}\n${connection}`)),
    session: client === undefined || hasOwnSession ? 0 : short(clientKey(client)),
    resource: short(resourceKey(callee, request.path)),
    writes: isWrite(request.method),
  };
}

/** 32 bits, never 0. */
function short(key: number): number {
  return (key % 0xffff_ffff) >>> 0 || 1;
}
