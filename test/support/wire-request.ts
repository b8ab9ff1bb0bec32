import { performance } from "node:perf_hooks";
import type { TestContext } from "node:test";
import { openSender, type Sender, type SenderOptions, type WireRequest } from "../../replayer/send/index.js";
import { redactionKey } from "../../tape/index.js";

export const testKey = redactionKey(new Uint8Array(32).fill(7));

/** `GET /` to nobody in particular; `changes` go over it. */
export function wireRequest(changes: Partial<WireRequest> = {}): WireRequest {
  return {
    method: "GET",
    path: "/",
    authority: "service.test",
    headers: [],
    body: undefined,
    hasLength: false,
    trailers: [],
    protocol: "http/1.1",
    ...changes,
  };
}

/** A sender that is closed when the test is over. */
export function senderTo(t: TestContext, origin: string, changes: Partial<SenderOptions> = {}): Sender {
  const sender = openSender(origin, {
    clock: performance,
    http2: false,
    connections: null,
    keepBodyBytes: 1 << 20,
    key: testKey,
    ...changes,
  });
  t.after(() => sender.close());
  return sender;
}
