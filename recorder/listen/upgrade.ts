import type { IncomingMessage } from "node:http";

/** RFC 6455, section 4.1, as far as it tells a WebSocket handshake from other upgrades. */
export function isWebSocketHandshake(request: IncomingMessage): boolean {
  return (
    request.method === "GET" &&
    request.headers.upgrade?.toLowerCase() === "websocket" &&
    request.headers["sec-websocket-key"] !== undefined
  );
}

/** The head of the request again, as bytes, without the wish to change protocols. */
export function withoutUpgrade(request: IncomingMessage): Buffer {
  const raw = request.rawHeaders;
  let text = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (name === "upgrade" || name === "http2-settings") continue;
    const value = name === "connection" ? withoutUpgradeOptions(raw[at + 1]!) : raw[at + 1]!;
    if (value !== "") text += `${raw[at]}: ${value}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, "latin1");
}

function withoutUpgradeOptions(value: string): string {
  const options = value.split(",").map((option) => option.trim());
  return options.filter((option) => !/^(upgrade|http2-settings)$/i.test(option)).join(", ");
}
