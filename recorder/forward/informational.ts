import type { ServerResponse } from "node:http";
import { forwardedFields } from "./forwarded-fields.js";

/**
 * Passes an informational answer (1xx) on to an HTTP/1.1 client as it came; Node's own ways know 100, 102 and the links
 * of 103 alone. With an earlier answer still on its way on that connection (pipelining) it waits for its turn. Names and
 * values come from a parser: they hold no line ends.
 */
export function inform(response: ServerResponse, status: number, reason: string, fields: readonly string[]): void {
  if (response.headersSent || response.destroyed) return;
  const forwarded = forwardedFields(fields, false);
  let text = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let at = 0; at + 1 < forwarded.length; at += 2) text += `${forwarded[at]}: ${forwarded[at + 1]}\r\n`;
  const write = () => response.socket?.write(`${text}\r\n`, "latin1");
  if (response.socket === null) response.once("socket", write);
  else write();
}
