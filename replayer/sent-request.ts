import type { Body, HeaderField, HeaderList } from "../message/index.js";
import type { Exchange, Request, SentRequest } from "../tape/index.js";
import type { AuthorityChoice } from "./authority.js";
import { givenNames, recordedFields } from "./rewrite.js";

/**
 * Makes the function that tells what was sent for a Step, for the run file: the recorded fields that went out and the
 * body, both as the tape holds them, so without a secret; the host, where it is the recorded one. Of the operator's own
 * fields the names are told alone.
 */
export function sentRequests(
  { headers, keepHost }: Omit<AuthorityChoice, "authority">,
  keepBodyBytes: number,
): (exchange: Exchange, step: number) => SentRequest {
  const given = givenNames(headers);
  return ({ request }, step) => ({
    step,
    headers: [...keptHost(request, keepHost), ...pairsOf(recordedFields(request.headers, headers))],
    given,
    body: bounded(request.body, keepBodyBytes),
  });
}

function keptHost({ authority }: Request, keepHost: boolean | undefined): HeaderField[] {
  return keepHost && authority !== "" ? [["host", authority]] : [];
}

function pairsOf(flat: readonly string[]): HeaderList {
  return Array.from({ length: flat.length >> 1 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!] as const);
}

function bounded(body: Body, most: number): Body {
  if (body.kind !== "whole" || body.bytes.length <= most) return body;
  return { kind: "cut", bytes: body.bytes.subarray(0, most), fullBytes: body.bytes.length, hash: body.hash };
}
