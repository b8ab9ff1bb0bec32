import type { IncomingMessage } from "node:http";

/** RFC 6455, section 4.1, as far as it tells a WebSocket handshake from other upgrades. */
export function isWebSocketHandshake(request: IncomingMessage): boolean {
  return (
    request.method === "GET" &&
    request.headers.upgrade?.toLowerCase() === "websocket" &&
    request.headers["sec-websocket-key"] !== undefined
  );
}

/** Where the fields are of a request whose wish to change protocols was left aside: Node counts on `rawHeaders` as they came. */
export const fieldsLeft = Symbol("fields without the wish to change protocols");
export type MaybeLeftAside = { [fieldsLeft]?: readonly string[] };

/**
 * Whether a request is to change protocols. One that asks for another than WebSocket is taken without its wish, as a server
 * may (RFC 9110, section 7.8). Node asks from 24.9 on; before, it gives each such request as an upgrade.
 */
export function mayUpgrade(request: IncomingMessage & MaybeLeftAside): boolean {
  if (isWebSocketHandshake(request)) return true;
  request[fieldsLeft] = fieldsWithoutUpgrade(request.rawHeaders);
  return false;
}

/** The head of the request again, as bytes, without the wish to change protocols. */
export function headWithoutUpgrade(request: IncomingMessage): Buffer {
  const fields = fieldsWithoutUpgrade(request.rawHeaders);
  let text = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
  for (let at = 0; at + 1 < fields.length; at += 2) text += `${fields[at]}: ${fields[at + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}

function fieldsWithoutUpgrade(raw: readonly string[]): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (name === "upgrade" || name === "http2-settings") continue;
    const value = name === "connection" ? withoutUpgradeOptions(raw[at + 1]!) : raw[at + 1]!;
    if (name !== "connection" || value !== "") fields.push(raw[at]!, value);
  }
  return fields;
}

function withoutUpgradeOptions(value: string): string {
  const options = value.split(",").map((option) => option.trim());
  return options.filter((option) => !/^(upgrade|http2-settings)$/i.test(option)).join(", ");
}
