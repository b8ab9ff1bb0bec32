import type { Body } from "../../message/index.js";
import type { Exchange } from "../exchange.js";
import { keyedHash, type RedactionKey } from "../redaction/index.js";

/**
 * A keyed hash over all of an Exchange but its id. A file carries it along, and who has the key sees by it that nothing
 * was changed since it left its tape, so that its pseudonyms need not be replaced again; what was changed may hold secrets.
 */
export function sealOf(exchange: Exchange, key: RedactionKey): string {
  const { id: _, request, answer, ...rest } = exchange;
  const answerBody = answer.kind === "response" ? answer.body : undefined;
  const heads = [rest, withoutBytes(request), answer.kind === "response" ? withoutBytes(answer) : answer];
  const text = JSON.stringify(heads, inOneForm);
  const pieces = [Buffer.from(`tapeloop sealed exchange\0${text}\0`), bytesOf(request.body), bytesOf(answerBody)];
  return Buffer.from(keyedHash(key, pieces)).toString("hex");
}

/** Times as text, and the members of an object in one order, however it was put together. */
function inOneForm(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutBytes<T extends { body: Body }>(message: T): unknown {
  const { body } = message;
  return { ...message, body: { ...body, bytes: bytesOf(body).length } };
}

function bytesOf(body: Body | undefined): Uint8Array {
  return body?.kind === "whole" || body?.kind === "cut" ? body.bytes : new Uint8Array(0);
}
