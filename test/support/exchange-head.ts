import type { Exchange, ExchangeHead } from "../../tape/index.js";

type HeadOver = Partial<Omit<ExchangeHead, "request">> & { request?: Partial<ExchangeHead["request"]> };

/** The head of a GET that was answered 200 after 10 ms, with what matters to the test laid over it. */
export function exchangeHead(over: HeadOver = {}): ExchangeHead {
  const startedNs = over.startedNs ?? 1_000_000_000n;
  const { request, ...rest } = over;
  return {
    id: 1,
    recorder: { name: "reviews", incarnation: "0123456789abcdef" },
    sequence: 1,
    vantage: "inbound",
    callee: "reviews",
    origin: {},
    trace: {},
    answer: { kind: "response", status: 200, end: "complete", bodyKind: "empty", bodyBytes: 0 },
    startedNs,
    answerEndedNs: startedNs + 10_000_000n,
    frameCount: 0,
    redacted: { request: [], answer: [] },
    ...rest,
    request: {
      method: "GET",
      scheme: "http",
      authority: "reviews:9080",
      path: "/reviews/1",
      protocol: "http/1.1",
      end: "complete",
      bodyKind: "empty",
      bodyBytes: 0,
      ...request,
    },
  };
}

/** The whole Exchange of a head: its headers, and bodies as text. */
export function wholeExchange(
  head: ExchangeHead,
  whole: {
    requestHeaders?: [string, string][];
    requestBody?: Uint8Array;
    answerHeaders?: [string, string][];
    answerBody?: Uint8Array;
  },
): Exchange {
  const message = (headers: [string, string][] = [], bytes?: Uint8Array) => ({
    headers,
    trailers: [],
    body: bytes === undefined ? ({ kind: "empty" } as const) : ({ kind: "whole", bytes, hash: "00" } as const),
  });
  const { frameCount: _, ...rest } = head;
  return {
    ...rest,
    request: { ...head.request, ...message(whole.requestHeaders, whole.requestBody) },
    answer:
      head.answer.kind === "response"
        ? { ...head.answer, ...message(whole.answerHeaders, whole.answerBody) }
        : head.answer,
    frames: [],
  };
}
