import type { CapturedAnswer, CapturedCall, CapturedRequest } from "../../tape/index.js";
import { RedactionRules, redactionKey } from "../../tape/index.js";

/** A fixed key, so that a failing case can be run again. */
export const testKey = redactionKey(new Uint8Array(32).fill(7));

/** The same with the rules that are followed unasked. */
export const testRedaction = { key: testKey, rules: new RedactionRules() };

/** A POST that is complete, with what matters to the test laid over it. */
export function capturedRequest(body: string | Uint8Array, over: Partial<CapturedRequest> = {}): CapturedRequest {
  const bytes = Buffer.from(body);
  return {
    method: "POST",
    scheme: "http",
    authority: "shop.example",
    path: "/",
    protocol: "http/1.1",
    headers: ["content-type", "application/json"],
    body: { pieces: bytes.length === 0 ? [] : [bytes], fullBytes: bytes.length },
    end: "complete",
    startedMs: 1,
    ...over,
  };
}

/** A 200 that is complete. */
export function capturedAnswer(
  body: string | Uint8Array,
  over: Partial<Extract<CapturedAnswer, { kind: "response" }>> = {},
): CapturedAnswer {
  const bytes = Buffer.from(body);
  return {
    kind: "response",
    status: 200,
    headers: ["content-type", "application/json"],
    body: { pieces: bytes.length === 0 ? [] : [bytes], fullBytes: bytes.length },
    end: "complete",
    startedMs: 2,
    ...over,
  };
}

export function capturedCall(request: CapturedRequest, answer: CapturedAnswer = { kind: "unknown" }): CapturedCall {
  return { part: "call", sequence: 1, vantage: "inbound", request, answer };
}
