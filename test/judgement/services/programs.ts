import { createHash, randomBytes } from "node:crypto";
import type { Reply } from "../../../simple-service/reply.js";
import type { ServiceRequest } from "../../../simple-service/request.js";
import type { Program } from "../case.js";

/** A program that needs the request alone. */
export function answering(answer: (request: ServiceRequest) => Reply): Program {
  return (request) => Promise.resolve(answer(request));
}

export function json(value: unknown, headers: Reply["headers"] = {}, status = 200): Reply {
  return text(JSON.stringify(value), { "content-type": "application/json", ...headers }, status);
}

export function text(body: string, headers: Reply["headers"] = {}, status = 200): Reply {
  return { status, headers: { "content-type": "text/plain", ...headers }, body: Buffer.from(body) };
}

/** The last segment of the path. */
export function idOf({ path }: ServiceRequest): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function etagOf(body: string): string {
  return `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
}

export function token(bytes = 18): string {
  return randomBytes(bytes).toString("base64url");
}
