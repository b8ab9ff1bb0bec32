import type { CapturedPart } from "../../tape/index.js";

/**
 * A call as GoReplay writes it into a `.gor` file: a line of payload type, id, time and latency, the raw message, and a
 * line that separates; request and response each.
 */
export function gorText(part: CapturedPart): Buffer {
  if (part.part === "status") return Buffer.alloc(0);
  const { request } = part;
  const id = part.sequence.toString(16).padStart(24, "0");
  const line = `${request.method} ${request.path} HTTP/1.1`;
  const pieces = [record("1", id, line, request.headers, request.body.pieces)];
  if (part.part !== "request" && part.answer.kind === "response") {
    const { status, headers, body } = part.answer;
    pieces.push(record("2", id, `HTTP/1.1 ${status} OK`, headers, body.pieces));
  }
  return Buffer.concat(pieces.flat());
}

function record(type: string, id: string, line: string, headers: readonly string[], body: readonly Uint8Array[]) {
  let head = `${type} ${id} 1795341600000000000 1100000\n${line}\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return [Buffer.from(`${head}\r\n`), ...body, Buffer.from("\n🐵🙈🙉\n")];
}
