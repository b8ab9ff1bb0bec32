import { createHash } from "node:crypto";
import type { HeaderField } from "../../message/index.js";
import type { Answer } from "../../tape/index.js";

type Response = Extract<Answer, { kind: "response" }>;

/** A whole response; a body that is no text and no bytes is sent as JSON. Its hash is of its bytes. */
export function responseOf(
  body: unknown,
  changes: Partial<Response> & { fields?: readonly HeaderField[] } = {},
): Response {
  const { fields = [], ...rest } = changes;
  const isJson = typeof body !== "string" && !(body instanceof Uint8Array);
  const bytes = body instanceof Uint8Array ? body : Buffer.from(isJson ? JSON.stringify(body) : body);
  return {
    kind: "response",
    status: 200,
    headers: isJson ? [["content-type", "application/json"], ...fields] : fields,
    body: { kind: "whole", bytes, hash: createHash("md5").update(bytes).digest("hex") },
    trailers: [],
    end: "complete",
    ...rest,
  };
}
