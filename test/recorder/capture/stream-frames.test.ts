import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { askGrpc, askHttp1 } from "../../support/clients.js";
import { startTestRecorder, type TestRecorder } from "../../support/start-recorder.js";
import { until } from "../../support/until.js";
import { startService } from "../../support/upstream.js";

test("the messages of a gRPC call are frames, each with its prefix", async (t) => {
  const service = await startService(t);
  const recorder = await inFrontOf(t, service.port);
  assert.deepEqual(await askGrpc(recorder.port, "/test.Echo/Unary", "hello"), { status: 0, message: "echo:hello" });
  const { frames } = await recorder.writer.onlyCall();
  assert.deepEqual(frames?.map(withoutTime), [
    { direction: "to-server", kind: "message", offset: 0, length: 10 },
    { direction: "to-client", kind: "message", offset: 0, length: 15 },
  ]);
});

test("gRPC at a mirror target has frames over HTTP/1.1, too", async (t) => {
  const recorder = await startTestRecorder(t);
  const headers = [["content-type", "application/grpc"]] as const;
  const message = Buffer.from([0, 0, 0, 0, 1, 7]);
  await askHttp1(recorder.port, { method: "POST", path: "/a.B/C", headers, body: [message, message] });
  const { frames } = await recorder.writer.onlyCall();
  assert.deepEqual(
    frames?.map(({ kind, offset }) => [kind, offset]),
    [
      ["message", 0],
      ["message", 6],
    ],
  );
});

test("events of an event stream are frames, with the time each came whole", async (t) => {
  const steps = stepping();
  const recorder = await inFrontOf(
    t,
    await startStream(t, "text/event-stream", ["data: 1\n\nda", "ta: 2\n\n: ping\n\n"], steps),
  );
  const asked = askHttp1(recorder.port, { method: "GET", path: "/events" });
  await until("the first piece to be recorded", () => steps.next());
  await asked;
  const { frames, answer } = await recorder.writer.onlyCall();
  assert.deepEqual(frames?.map(withoutTime), [
    { direction: "to-client", kind: "event", offset: 0, length: 9 },
    { direction: "to-client", kind: "event", offset: 9, length: 9 },
  ]);
  assert.ok(answer.kind === "response" && answer.startedMs <= frames![0]!.atMs);
  assert.ok(frames![1]!.atMs > frames![0]!.atMs);
});

test("bytes of an answer without a length that came apart are chunks; those that came at once are none", async (t) => {
  const steps = stepping();
  const recorder = await inFrontOf(t, await startStream(t, "text/plain", ["first", "second"], steps));
  const asked = askHttp1(recorder.port, { method: "GET", path: "/apart" });
  await until("the first piece to be recorded", () => steps.next());
  await asked;
  const { frames } = await recorder.writer.onlyCall();
  assert.deepEqual(frames?.map(withoutTime), [
    { direction: "to-client", kind: "chunk", offset: 0, length: 5 },
    { direction: "to-client", kind: "chunk", offset: 5, length: 6 },
  ]);
  assert.ok(frames![1]!.atMs - frames![0]!.atMs >= 1);
});

test("an answer with a length has no frames, however it came", async (t) => {
  const service = await startService(t);
  const recorder = await inFrontOf(t, service.port);
  await askHttp1(recorder.port, { method: "GET", path: "/big" });
  assert.equal((await recorder.writer.onlyCall()).frames, undefined);
});

function withoutTime({ atMs: _, ...frame }: { atMs: number }): object {
  return frame;
}

function inFrontOf(t: TestContext, port: number): Promise<TestRecorder> {
  return startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${port}` });
}

interface Steps {
  /** Lets the service go on once it waits. True when it did. */
  next: () => boolean;
  wait: () => Promise<void>;
}

function stepping(): Steps {
  let goOn: (() => void) | undefined;
  return {
    wait: () => new Promise((resolve) => setTimeout(() => (goOn = resolve), 20)),
    next: () => {
      goOn?.();
      return goOn !== undefined;
    },
  };
}

/** A service that waits between the pieces of its answer. */
async function startStream(
  t: TestContext,
  contentType: string,
  pieces: readonly string[],
  steps: Steps,
): Promise<number> {
  const server = http.createServer(async (_request, response) => {
    response.writeHead(200, { "content-type": contentType });
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await steps.wait();
      response.write(piece);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
