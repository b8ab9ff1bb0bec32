import { firstValue, type HeaderList } from "../../message/index.js";
import type { Exchange } from "../../tape/index.js";
import { rememberPerList } from "../remember.js";
import { hashOf } from "./hash.js";
import { resourceOf } from "./resource.js";

/** Why one call has to wait for another under order `causal`, beside a value it needs. */
export const keyKinds = ["connection", "session", "resource"] as const;
export type KeyKind = (typeof keyKinds)[number];

/**
 * What a call has in common with others that it must keep its order with. Keys are hashes: two that meet by chance would
 * order two calls that need not be, and nothing else.
 */
export interface OrderKeys {
  /** Connection and sessions: calls that share one keep their order, whatever they are. */
  exclusive: readonly number[];
  /** What it reads or writes, by its path: calls that share one keep their order where either writes. */
  resource: number;
  writes: boolean;
}

/** RFC 9110, section 9.2.1. */
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

export function isWrite(method: string): boolean {
  return !safeMethods.has(method);
}

/** The kind a key was made with. */
export function kindOf(key: number): KeyKind {
  return keyKinds[key % keyKinds.length]!;
}

/**
 * The keys of a call. Its sessions are its cookies that look like one, those its answer sets, and its bearer's subject; the
 * client's address stands in where there is none of these. The connection of a copy is the mirroring proxy's and says nothing.
 * Where no call of a run writes, what they read ties none.
 */
export function orderKeysOf(exchange: Exchange, { hasWrites }: { hasWrites: boolean }): OrderKeys {
  const { request, answer, vantage, connection, client, recorder } = exchange;
  const isOnOne = connection !== undefined && vantage !== "mirror";
  const exclusive = isOnOne ? [keyOf("connection", `${recorder.incarnation}\n${connection}`)] : [];
  const own = sessionsOfRequest(request.headers);
  for (const key of own) exclusive.push(key);
  if (answer.kind === "response") {
    for (const key of sessionsOfAnswer(answer.headers)) if (!exclusive.includes(key)) exclusive.push(key);
  }
  if (own.length === 0 && client !== undefined) exclusive.push(clientKey(client));
  const resource = hasWrites ? resourceKey(exchange.callee, request.path) : 0;
  return { exclusive, resource, writes: isWrite(request.method) };
}

/** The key of a client's address, in place of a session. */
export function clientKey(client: string): number {
  return keyOf("session", `client ${client}`);
}

/** The key of what a call to this service reads or writes. */
export function resourceKey(callee: string, path: string): number {
  return keyOf("resource", `${callee}\n${resourceOf(path)}`);
}

/** Kinds are told apart in the key itself. */
function keyOf(kind: KeyKind, text: string): number {
  return hashOf(text) * keyKinds.length + keyKinds.indexOf(kind);
}

/** Shorter cookies (`lang=en`) are shared by many users. */
const leastSessionLength = 8;

const sessionsOfRequest = rememberPerList((headers) => {
  const keys: number[] = [];
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower === "cookie") for (const pair of value.split(";")) addCookie(keys, pair);
    else if (lower === "authorization") keys.push(keyOf("session", `subject ${subjectOf(value)}`));
  }
  return keys;
});

/** A login's answer belongs to the session that it begins. */
const sessionsOfAnswer = rememberPerList((headers: HeaderList) => {
  const keys: number[] = [];
  if (firstValue(headers, "set-cookie") === undefined) return keys;
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "set-cookie") addCookie(keys, value.split(";", 1)[0]!);
  }
  return keys;
});

function addCookie(keys: number[], pair: string): void {
  const at = pair.indexOf("=");
  const value = pair.slice(at + 1).trim();
  if (at < 1 || value.length < leastSessionLength) return;
  keys.push(keyOf("session", `cookie ${pair.slice(0, at).trim()}=${value}`));
}

/** Of a JWT (RFC 7519) issuer and subject, for tokens are renewed within a session; else all of it. */
function subjectOf(authorization: string): string {
  const payload = /^bearer\s+[\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization)?.[1];
  if (payload === undefined) return authorization;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    if (typeof claims === "object" && claims !== null && "sub" in claims) {
      return JSON.stringify(["iss" in claims ? claims.iss : null, claims.sub]);
    }
  } catch {
    // No JSON: an opaque token that looks like a JWT.
  }
  return authorization;
}
