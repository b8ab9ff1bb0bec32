import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What the service answers. Node adds `date` and connection fields; nothing else that changes from call to call. */
export interface Reply {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
  /** Waited before the status line is sent. */
  delayMs?: number;
  /** Sends this much of the body, under the content-length of all of it, and then resets the connection. */
  cutAfterBytes?: number;
}

export function jsonReply(status: number, value: unknown): Reply {
  return { status, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}

const bodiless = new Set([204, 205, 304]);

/** Sends a reply. Ends quietly when the client has left. */
export async function sendReply(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply.delayMs) await sleep(reply.delayMs);
  if (response.destroyed) return;
  if (bodiless.has(reply.status)) {
    const { "content-type": _type, ...headers } = reply.headers;
    response.writeHead(reply.status, headers).end();
    return;
  }
  response.writeHead(reply.status, { ...reply.headers, "content-length": reply.body.length });
  if (reply.cutAfterBytes === undefined || reply.cutAfterBytes >= reply.body.length) response.end(reply.body);
  else cutShort(response, reply.body.subarray(0, reply.cutAfterBytes));
}

function cutShort(response: ServerResponse, bytes: Buffer): void {
  response.flushHeaders();
  response.write(bytes, () => response.destroy());
}
