import assert from "node:assert/strict";
import { abortUpload, askGrpc, askHttp1, askHttp2, type Got, talkWebSocket } from "../support/clients.js";
import { grpcFrame } from "../support/grpc.js";
import type { ShownExchange, ShownMessage } from "../support/tape-json.js";
import { until } from "../support/until.js";
import { megabytes10, patterned, type Service } from "../support/upstream.js";

/** One kind of call: how a client makes it, what the tape must hold of it, and why it cannot be sent again, if so. */
export interface Case {
  title: string;
  /** Path on the tape; no other case has it. */
  path: string;
  /** Makes the call and checks that the client got the service's answer, as if nothing were recorded. */
  call(port: number, service: Service, recorder: { isOpen(): Promise<unknown> }): Promise<void>;
  /** Checks the recorded request, whatever the vantage. */
  request(exchange: ShownExchange): void;
  /** Checks the recorded answer, where the vantage sees it. */
  answer(exchange: ShownExchange): void;
  notSent?: "truncated" | "aborted" | "upgrade";
  /** The client speaks HTTP/2. */
  http2?: true;
  /** The service answers with an error, as it should. */
  isError?: true;
}

export const cases: readonly Case[] = [
  {
    title: "GET with a query and a repeated header",
    path: "/echo/get?a=1&b=%2F",
    call: async (port) => {
      const headers = [
        ["x-dup", "1"],
        ["x-dup", "2"],
      ] as const;
      const got = await askHttp1(port, { method: "GET", path: "/echo/get?a=1&b=%2F", headers });
      assert.deepEqual(echoed(got).dup, ["1", "2"]);
    },
    request: ({ method, request }) => {
      assert.equal(method, "GET");
      assert.deepEqual(values(request, "x-dup"), ["1", "2"]);
      assert.equal(request.body.kind, "empty");
    },
    answer: isEcho,
  },
  {
    title: "POST with a content-length",
    path: "/echo/post",
    call: async (port) => {
      const headers = [
        ["content-type", "application/json"],
        ["content-length", "16"],
      ] as const;
      const got = await askHttp1(port, { method: "POST", path: "/echo/post", headers, body: ['{"stars":[1,2]}\n'] });
      assert.equal(echoed(got).bodyBytes, 16);
    },
    request: ({ method, request }) => {
      assert.equal(method, "POST");
      assert.deepEqual(values(request, "content-length"), ["16"]);
      assert.equal(request.body.text, '{"stars":[1,2]}\n');
    },
    answer: isEcho,
  },
  {
    title: "POST of chunks",
    path: "/echo/chunked",
    call: async (port) => {
      const headers = [["content-type", "text/plain"]] as const;
      const body = ["one,", "two,", "three"];
      const got = await askHttp1(port, { method: "POST", path: "/echo/chunked", headers, body });
      assert.equal(echoed(got).bodyBytes, 13);
    },
    request: ({ request }) => {
      assert.equal(request.body.kind, "whole");
      assert.equal(request.body.text, "one,two,three");
    },
    answer: isEcho,
  },
  {
    title: "POST of 10 MB: cut at the cap, with its full length and hash",
    path: "/echo/10mb",
    call: async (port) => {
      const headers = [["content-type", "application/octet-stream"]] as const;
      const body = [patterned(megabytes10)];
      const got = await askHttp1(port, { method: "POST", path: "/echo/10mb", headers, body });
      assert.equal(echoed(got).bodyBytes, megabytes10);
    },
    request: ({ request: { body } }) => {
      assert.equal(body.kind, "cut");
      assert.equal(body.bytes, megabytes10);
      assert.equal(body.kept, 1024 * 1024);
      assert.match(body.hash ?? "", /^[0-9a-f]{32}$/);
    },
    answer: isEcho,
    notSent: "truncated",
  },
  {
    title: "HEAD",
    path: "/echo/head",
    call: async (port) => {
      const got = await askHttp1(port, { method: "HEAD", path: "/echo/head" });
      assert.equal(got.status, 200);
      assert.ok(Number(got.headers["content-length"]) > 0);
    },
    request: ({ method, request }) => {
      assert.equal(method, "HEAD");
      assert.equal(request.body.kind, "empty");
    },
    answer: ({ answer }) => {
      assert.equal(answer.status, 200);
      assert.equal(answer.end, "complete");
      assert.equal(answer.body?.kind, "empty");
      assert.ok(Number(values(answer, "content-length")[0]) > 0);
    },
  },
  {
    title: "PUT that waits for 100 Continue",
    path: "/echo/continue",
    call: async (port) => {
      const headers = [
        ["expect", "100-continue"],
        ["content-type", "text/plain"],
        ["content-length", "5"],
      ] as const;
      const got = await askHttp1(port, { method: "PUT", path: "/echo/continue", headers, body: ["hello"] });
      assert.ok(got.continued);
      assert.equal(echoed(got).bodyBytes, 5);
    },
    request: ({ method, request }) => {
      assert.equal(method, "PUT");
      assert.equal(request.body.text, "hello");
    },
    answer: isEcho,
  },
  {
    title: "POST with trailers",
    path: "/echo/trailers",
    call: async (port) => {
      const headers = [
        ["content-type", "text/plain"],
        ["trailer", "x-req-trailer"],
      ] as const;
      const trailers = { "x-req-trailer": "tv" };
      const got = await askHttp1(port, { method: "POST", path: "/echo/trailers", headers, body: ["hello"], trailers });
      assert.deepEqual(echoed(got).trailers, trailers);
    },
    request: ({ request }) => {
      assert.equal(request.body.text, "hello");
      assert.deepEqual(lowered(request.trailers), [["x-req-trailer", "tv"]]);
    },
    answer: isEcho,
  },
  {
    title: "an answer of chunks with trailers",
    path: "/chunks",
    call: async (port) => {
      const got = await askHttp1(port, { method: "GET", path: "/chunks" });
      assert.equal(got.body.toString(), "one,two,three");
      assert.deepEqual(got.trailers, { "x-checksum": "abc123" });
    },
    request: ({ method }) => assert.equal(method, "GET"),
    answer: ({ answer }) => {
      assert.equal(answer.body?.text, "one,two,three");
      assert.deepEqual(lowered(answer.trailers ?? []), [["x-checksum", "abc123"]]);
      assert.equal(answer.end, "complete");
    },
  },
  {
    title: "an answer of 10 MB",
    path: "/big",
    call: async (port) => {
      const got = await askHttp1(port, { method: "GET", path: "/big" });
      assert.deepEqual(got.body, patterned(megabytes10));
    },
    request: ({ method }) => assert.equal(method, "GET"),
    answer: ({ answer }) => {
      assert.equal(answer.end, "complete");
      assert.equal(answer.body?.kind, "cut");
      assert.equal(answer.body?.bytes, megabytes10);
    },
  },
  {
    title: "a gzipped answer",
    path: "/gzip",
    call: async (port) => {
      const got = await askHttp1(port, { method: "GET", path: "/gzip" });
      assert.equal(got.headers["content-encoding"], "gzip");
    },
    request: ({ method }) => assert.equal(method, "GET"),
    answer: ({ answer }) => assert.equal(answer.body?.base64?.slice(0, 4), "H4sI"),
  },
  {
    title: "an answer without a body",
    path: "/status/204",
    call: async (port) => assert.equal((await askHttp1(port, { method: "GET", path: "/status/204" })).status, 204),
    request: ({ method }) => assert.equal(method, "GET"),
    answer: ({ answer }) => {
      assert.equal(answer.status, 204);
      assert.equal(answer.body?.kind, "empty");
    },
  },
  {
    title: "an answer that says there is no such thing",
    path: "/nowhere",
    isError: true,
    call: async (port) => assert.equal((await askHttp1(port, { method: "DELETE", path: "/nowhere" })).status, 404),
    request: ({ method }) => assert.equal(method, "DELETE"),
    answer: ({ answer }) => assert.equal(answer.status, 404),
  },
  {
    title: "HTTP/2 POST with trailers",
    path: "/echo/h2",
    http2: true,
    call: async (port) => {
      const headers = [["content-type", "text/plain"]] as const;
      const trailers = { "x-req-trailer": "tv" };
      const got = await askHttp2(port, { method: "POST", path: "/echo/h2", headers, body: ["abc"], trailers });
      assert.deepEqual(echoed(got).trailers, trailers);
      assert.equal(echoed(got).bodyBytes, 3);
    },
    request: ({ request }) => {
      assert.equal(request.body.text, "abc");
      assert.deepEqual(lowered(request.trailers), [["x-req-trailer", "tv"]]);
    },
    answer: isEcho,
  },
  {
    title: "a gRPC call",
    path: "/test.Echo/Unary",
    http2: true,
    call: async (port) => {
      assert.deepEqual(await askGrpc(port, "/test.Echo/Unary", "hello"), { status: 0, message: "echo:hello" });
    },
    request: (exchange) => isGrpc(exchange, "hello"),
    answer: ({ answer }) => {
      assert.deepEqual(bytesOf(answer.body!), grpcFrame(Buffer.from("echo:hello")));
      assert.deepEqual(lowered(answer.trailers ?? [])[0], ["grpc-status", "0"]);
    },
  },
  {
    title: "a gRPC call that fails with its headers alone",
    path: "/test.Echo/Missing",
    http2: true,
    isError: true,
    call: async (port) => assert.deepEqual(await askGrpc(port, "/test.Echo/Missing", "hello"), { status: 5 }),
    request: (exchange) => isGrpc(exchange, "hello"),
    answer: ({ answer }) => {
      assert.equal(answer.status, 200);
      assert.deepEqual(
        [...values(answer, "grpc-status"), ...values({ headers: answer.trailers ?? [] }, "grpc-status")],
        ["5"],
      );
    },
  },
  {
    title: "a WebSocket: the client's frames",
    path: "/ws",
    // Envoy drops its copy when the client is done before the recorder has accepted the upgrade.
    call: async (port, _service, recorder) => {
      const echoed = await talkWebSocket(port, "/ws", ["one", "two"], () => recorder.isOpen());
      assert.deepEqual(echoed, ["echo:one", "echo:two"]);
    },
    request: (exchange) => {
      const sent = exchange.frames.filter((frame) => frame.direction === "to-server");
      const body = bytesOf(exchange.request.body);
      const texts = sent.filter((frame) => frame.kind === "text");
      assert.deepEqual(
        texts.map(({ offset, length }) => body.subarray(offset, offset + length).toString()),
        ["one", "two"],
      );
      assert.equal(sent.at(-1)?.kind, "close");
    },
    answer: (exchange) => {
      assert.equal(exchange.answer.status, 101);
      const came = exchange.frames.filter((frame) => frame.direction === "to-client" && frame.kind === "text");
      const body = bytesOf(exchange.answer.body!);
      assert.deepEqual(
        came.map(({ offset, length }) => body.subarray(offset, offset + length).toString()),
        ["echo:one", "echo:two"],
      );
    },
    notSent: "upgrade",
  },
  {
    title: "a client that hangs up in the middle of its body: kept and marked",
    path: "/echo/abort",
    call: async (port, service) => {
      const mayLeave = () =>
        until("the first piece to reach the service", () => service.bodyBytes.get("/echo/abort") === 7);
      await abortUpload(port, "/echo/abort", { announcedBytes: 1000, piece: Buffer.from("partial"), mayLeave });
    },
    request: (exchange) => {
      assert.equal(exchange.requestEnd, "aborted");
      assert.equal(exchange.request.body.bytes, 7);
    },
    answer: ({ answer }) => assert.notEqual(answer.end, "complete"),
    notSent: "aborted",
  },
];

interface Echo {
  bodyBytes: number;
  dup: string[];
  trailers: Record<string, string>;
}

function echoed(got: Got): Echo {
  assert.equal(got.status, 200);
  return JSON.parse(got.body.toString()) as Echo;
}

function isEcho({ method, path, answer }: ShownExchange): void {
  assert.equal(answer.status, 200);
  assert.equal(answer.end, "complete");
  const echo = JSON.parse(answer.body?.text ?? "") as { method: string; path: string };
  assert.deepEqual({ method: echo.method, path: echo.path }, { method, path });
}

function isGrpc({ method, request }: ShownExchange, message: string): void {
  assert.equal(method, "POST");
  assert.deepEqual(values(request, "content-type"), ["application/grpc"]);
  assert.deepEqual(bytesOf(request.body), grpcFrame(Buffer.from(message)));
}

/** All values of a header; the name in lower case. */
export function values(message: Partial<Pick<ShownMessage, "headers">>, lowerName: string): string[] {
  return (message.headers ?? []).filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value);
}

function lowered(fields: readonly [string, string][]): [string, string][] {
  return fields.map(([name, value]) => [name.toLowerCase(), value]);
}

function bytesOf(body: ShownMessage["body"]): Buffer {
  return body.text === undefined ? Buffer.from(body.base64 ?? "", "base64") : Buffer.from(body.text);
}
