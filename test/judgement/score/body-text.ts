import { decodeContent, firstValue } from "../../../message/index.js";
import type { Answer } from "../../../tape/index.js";

/** The body of a response as text, its content coding undone where it can be. */
export function bodyText({ body, headers }: Extract<Answer, { kind: "response" }>): string {
  const bytes = "bytes" in body ? body.bytes : new Uint8Array();
  const decoded = decodeContent(bytes, firstValue(headers, "content-encoding"));
  return Buffer.from(decoded.kind === "decoded" ? decoded.bytes : bytes).toString();
}
