import { bodyBytes } from "../../message/index.js";
import type { Answer, Exchange, ExchangeHead } from "../exchange.js";

/** What planning needs of an Exchange. */
export function headOf(exchange: Exchange): ExchangeHead {
  const { request, answer, frames, ...rest } = exchange;
  const { method, scheme, authority, path, protocol, end } = request;
  return {
    request: { method, scheme, authority, path, protocol, end, ...bodySize(request) },
    answer: answerHeadOf(answer),
    frameCount: frames.length,
    ...rest,
  };
}

function answerHeadOf(answer: Answer): ExchangeHead["answer"] {
  if (answer.kind !== "response") return answer;
  const { kind, status, end } = answer;
  return { kind, status, end, ...bodySize(answer) };
}

function bodySize({ body }: Exchange["request"] | Extract<Answer, { kind: "response" }>) {
  return { bodyKind: body.kind, bodyBytes: bodyBytes(body) };
}
