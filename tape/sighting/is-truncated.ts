import type { ExchangeHead } from "../exchange.js";

/** Whether less of a body is kept than came, or the request ended before all of it had come. */
export function isTruncated({ request, answer }: Pick<ExchangeHead, "request" | "answer">): boolean {
  const answerBody = answer.kind === "response" ? answer.bodyKind : "empty";
  return request.bodyKind === "cut" || answerBody === "cut" || request.end === "aborted";
}
