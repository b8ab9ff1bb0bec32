import { performance } from "node:perf_hooks";
import type { TestContext } from "node:test";
import {
  type Expected,
  openSender,
  type Sender,
  type SenderOptions,
  type Sent,
  type WireRequest,
} from "../../replayer/send/index.js";
import { redactionKey } from "../../tape/index.js";

export const testKey = redactionKey(new Uint8Array(32).fill(7));

/** `GET /` to nobody in particular; `changes` go over it. */
export function wireRequest(changes: Partial<WireRequest> = {}): WireRequest {
  return {
    method: "GET",
    path: "/",
    authority: "service.test",
    headers: [],
    own: { list: () => [], lines: () => "" },
    body: undefined,
    hasLength: false,
    trailers: [],
    protocol: "http/1.1",
    ...changes,
  };
}

/** A sender whose sendings are promises: they reject where it says that one was lost. */
export interface TestSender extends Pick<Sender, "giveUp" | "tlsTrouble"> {
  send(request: WireRequest, timeoutMs: number, expected?: Omit<Expected, "timeoutMs">): Promise<Sent>;
}

/** Is closed when the test is over. */
export function senderTo(t: TestContext, origin: string, changes: Partial<SenderOptions> = {}): TestSender {
  const sender = openSender(origin, {
    clock: performance,
    http2: false,
    connections: null,
    keepBodyBytes: 1 << 20,
    key: testKey,
    ...changes,
  });
  t.after(() => sender.close());
  return {
    giveUp: () => sender.giveUp(),
    get tlsTrouble() {
      return sender.tlsTrouble;
    },
    send: (request, timeoutMs, expected) =>
      new Promise((landed, lost) => sender.send(request, { ...expected, timeoutMs }, { landed, lost })),
  };
}
