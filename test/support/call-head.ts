import type { CallHead } from "../../recorder/listen/call-head.js";

/** The head of a small GET over HTTP/1.1, with what matters to the test laid over it. */
export function callHead(over: Partial<CallHead> = {}): CallHead {
  const headers = over.headers ?? ["host", "reviews:9080"];
  return {
    connection: { id: "0", client: "127.0.0.1" },
    startedMs: 0,
    protocol: "http/1.1",
    method: "GET",
    scheme: "http",
    authority: "reviews:9080",
    path: "/reviews/1",
    isAbsolute: false,
    headerBytes: headers.reduce((sum, text) => sum + text.length, 0),
    hasBody: false,
    isChunked: false,
    isGrpc: false,
    isEnvoyCopy: false,
    isMarked: false,
    saysEmpty: false,
    isUnusual: false,
    isMalformed: false,
    ...over,
    headers,
  };
}
