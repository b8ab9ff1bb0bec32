import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { firstValue } from "../../../message/index.js";
import { type Sent, securing, type WireRequest } from "../../../replayer/send/index.js";
import { keyedHash } from "../../../tape/index.js";
import { CertificateMaker } from "../../support/certificates.js";
import { closedPort, listenOnLoopback } from "../../support/loopback.js";
import { senderTo, testKey, wireRequest } from "../../support/wire-request.js";

const patienceMs = 60_000;
const h1 = async (t: TestContext, serve: http.RequestListener) =>
  `http://127.0.0.1:${await listenOnLoopback(t, http.createServer(serve))}`;
const h2 = async (
  t: TestContext,
  serve: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void,
) => `http://127.0.0.1:${await listenOnLoopback(t, http2.createServer().on("stream", serve))}`;

function responseOf({ answer }: Sent) {
  if (answer.kind !== "response") assert.fail(`expected a response, got ${JSON.stringify(answer)}`);
  return answer;
}

function textOf(sent: Sent): string {
  const { body } = responseOf(sent);
  return body.kind === "whole" || body.kind === "cut" ? Buffer.from(body.bytes).toString() : body.kind;
}

test("a response keeps status, raw fields in order with repeats, body with keyed hash, and trailers", async (t) => {
  const origin = await h1(t, (_request, response) => {
    response.writeHead(201, ["X-B", "1", "x-a", "\xe9", "X-B", "2", "trailer", "x-sum"]);
    response.write("one");
    response.addTrailers({ "x-sum": "9" });
    response.end("two");
  });
  const sent = await senderTo(t, origin).send(wireRequest(), patienceMs);
  const answer = responseOf(sent);
  assert.equal(answer.status, 201);
  assert.deepEqual(answer.headers.slice(0, 4), [
    ["X-B", "1"],
    ["x-a", "\xe9"],
    ["X-B", "2"],
    ["trailer", "x-sum"],
  ]);
  assert.deepEqual(answer.trailers, [["x-sum", "9"]]);
  const hash = Buffer.from(keyedHash(testKey, [Buffer.from("onetwo")])).toString("hex");
  assert.ok(answer.body.kind === "whole");
  // Whether as a Buffer depends on whether it came in one piece.
  assert.deepEqual([Buffer.from(answer.body.bytes).toString(), answer.body.hash], ["onetwo", hash]);
  assert.equal(answer.end, "complete");
  assert.ok(sent.sentMs <= sent.writtenMs && sent.writtenMs <= sent.answeredMs);
});

test("a request arrives with its authority, fields, repeats, length and body", async (t) => {
  const origin = await h1(t, (request, response) => {
    request.setEncoding("utf8").on("data", (body) => {
      response.end(JSON.stringify({ method: request.method, url: request.url, raw: request.rawHeaders, body }));
    });
  });
  const headers = ["X-One", "1", "cookie", "a=1", "X-One", "2"];
  const body = Buffer.from("hello");
  const sent = await senderTo(t, origin).send(
    wireRequest({ method: "PUT", path: "/p?q=1", headers, body, hasLength: true }),
    patienceMs,
  );
  const seen = JSON.parse(textOf(sent));
  assert.deepEqual([seen.method, seen.url, seen.body], ["PUT", "/p?q=1", "hello"]);
  const fields = seen.raw.flatMap((name: string, at: number) =>
    at % 2 === 0 ? [`${name.toLowerCase()}: ${seen.raw[at + 1]}`] : [],
  );
  assert.deepEqual(
    fields.filter((field: string) => !field.startsWith("connection")),
    ["host: service.test", "x-one: 1", "cookie: a=1", "x-one: 2", "content-length: 5"],
  );
});

test("a body without a stated length goes out in chunks, whatever sends it; no body is framed as before", async (t) => {
  const framing: http.RequestListener = (request, response) => {
    const { "transfer-encoding": coding, "content-length": length } = request.headers;
    let text = "";
    request.setEncoding("latin1").on("data", (piece) => {
      text += piece;
    });
    request.on("end", () => response.end(JSON.stringify([request.method, coding ?? length ?? null, text])));
  };
  const certificates = new CertificateMaker();
  const secured = https.createServer(certificates.make("service", "DNS:service.test"), framing);
  const secureOrigin = `https://127.0.0.1:${await listenOnLoopback(t, secured)}`;
  const secure = securing(secureOrigin, { ca: certificates.ca })("service.test");
  const senders = [senderTo(t, await h1(t, framing)), senderTo(t, secureOrigin, { secure })];
  const body = Buffer.from("hello, thou 16");
  const asked: [Partial<WireRequest>, string, string | null, string][] = [
    [{ method: "POST", body }, "POST", "chunked", "hello, thou 16"],
    [{ method: "POST", body, hasLength: true }, "POST", "14", "hello, thou 16"],
    [{ method: "DELETE", body }, "DELETE", "chunked", "hello, thou 16"],
    [{ method: "PROPFIND", body }, "PROPFIND", "chunked", "hello, thou 16"],
    [{ method: "OPTIONS", path: "*", body }, "OPTIONS", "chunked", "hello, thou 16"],
    [{ method: "PUT", protocol: "h2", body }, "PUT", "chunked", "hello, thou 16"],
    [{ method: "POST" }, "POST", "0", ""],
    [{ method: "POST", hasLength: true }, "POST", "0", ""],
    [{ method: "GET" }, "GET", null, ""],
    [{ method: "DELETE" }, "DELETE", null, ""],
    [{ method: "POST", body }, "POST", "chunked", "hello, thou 16"],
  ];
  for (const sender of senders) {
    for (const [changes, ...seen] of asked) {
      assert.deepEqual(JSON.parse(textOf(await sender.send(wireRequest(changes), patienceMs))), seen);
    }
  }
});

test("a large body in chunks arrives whole, time after time", async (t) => {
  const origin = await h1(t, (request, response) => {
    let bytes = 0;
    request.on("data", (piece) => {
      bytes += piece.length;
    });
    request.on("end", () => response.end(String(bytes)));
  });
  const sender = senderTo(t, origin);
  const upload = wireRequest({ method: "PUT", body: Buffer.alloc(3_000_000, "abc") });
  for (let at = 0; at < 3; at++) assert.equal(textOf(await sender.send(upload, patienceMs)), "3000000");
});

test("HEAD, 204 and 304 end without a body", async (t) => {
  const origin = await h1(t, (request, response) => {
    response.writeHead(request.method === "HEAD" ? 200 : Number(request.url!.slice(1)), { "content-length": "5" });
    response.end();
  });
  const sender = senderTo(t, origin);
  for (const [method, path, status] of [
    ["HEAD", "/", 200],
    ["GET", "/204", 204],
    ["GET", "/304", 304],
  ] as const) {
    const answer = responseOf(await sender.send(wireRequest({ method, path }), patienceMs));
    assert.deepEqual([answer.status, answer.body, answer.end], [status, { kind: "empty" }, "complete"]);
  }
});

test("a connection is used again for the next call, and not kept once it has been idle for a second", async (t) => {
  const closed: Promise<unknown>[] = [];
  const server = http.createServer({ keepAliveTimeout: 0 }, (_request, response) => void response.end());
  server.on("connection", (socket) => closed.push(new Promise((resolve) => socket.once("close", resolve))));
  const sender = senderTo(t, `http://127.0.0.1:${await listenOnLoopback(t, server)}`);
  for (let at = 0; at < 20; at++) await sender.send(wireRequest(), patienceMs);
  assert.ok(closed.length <= 3, `${closed.length} connections for 20 calls one after the other`);
  await Promise.all(closed);
});

test("a connection is not used again after an answer that was long in coming: this process may have stood still", async (t) => {
  let connections = 0;
  let stoodStillMs = 0;
  const server = http.createServer((_request, response) => {
    if (connections === 1) stoodStillMs = 2_000;
    response.end();
  });
  server.on("connection", () => connections++);
  const clock = { now: () => performance.now() + stoodStillMs };
  const sender = senderTo(t, `http://127.0.0.1:${await listenOnLoopback(t, server)}`, { clock });
  for (let at = 0; at < 2; at++) await sender.send(wireRequest(), patienceMs);
  assert.equal(connections, 2);
});

test("a body beyond the bound is cut, counted and hashed whole", async (t) => {
  const whole = Buffer.alloc(3_000_000, "abcdefg");
  const origin = await h1(t, (_request, response) => void response.end(whole));
  const { body } = responseOf(await senderTo(t, origin, { keepBodyBytes: 100_001 }).send(wireRequest(), patienceMs));
  assert.equal(body.kind, "cut");
  if (body.kind !== "cut") return;
  assert.deepEqual(Buffer.from(body.bytes), whole.subarray(0, 100_001));
  assert.equal(body.fullBytes, whole.length);
  assert.equal(body.hash, Buffer.from(keyedHash(testKey, [whole])).toString("hex"));
});

test("a large body arrives whole, over HTTP/1.1 and over h2c", async (t) => {
  const whole = Buffer.alloc(12_000_000, "0123456789");
  const origins = [
    await h1(t, (_request, response) => void response.end(whole)),
    await h2(t, (stream) => {
      stream.respond({ ":status": 200 });
      stream.end(whole);
    }),
  ];
  for (const [at, origin] of origins.entries()) {
    const sender = senderTo(t, origin, { http2: at === 1, keepBodyBytes: 1 << 24 });
    const { body } = responseOf(await sender.send(wireRequest({ protocol: "h2" }), patienceMs));
    assert.ok(body.kind === "whole" && Buffer.from(body.bytes).equals(whole));
  }
});

test("nobody listening is a failure `refused`, over both protocols", async (t) => {
  const origin = `http://127.0.0.1:${await closedPort()}`;
  for (const http2 of [false, true]) {
    const sent = await senderTo(t, origin, { http2 }).send(wireRequest({ protocol: "h2" }), patienceMs);
    assert.equal(sent.answer.kind === "failure" && sent.answer.reason, "refused");
    assert.equal(sent.writtenMs, sent.sentMs);
  }
});

test("an unknown host is a failure `unresolved-host`", async (t) => {
  const { answer } = await senderTo(t, "http://nobody.invalid").send(wireRequest(), patienceMs);
  assert.equal(answer.kind === "failure" && answer.reason, "unresolved-host");
});

test("a connection closed before the head is a failure `reset`; after it a response that ended early", async (t) => {
  const origin = await h1(t, (request, response) => {
    if (request.url === "/head") {
      response.writeHead(200, { "content-length": "10" });
      response.write("half", () => request.socket.destroy());
    } else request.socket.destroy();
  });
  const sender = senderTo(t, origin);
  const { answer } = await sender.send(wireRequest(), patienceMs);
  assert.equal(answer.kind === "failure" && answer.reason, "reset");
  const half = await sender.send(wireRequest({ path: "/head" }), patienceMs);
  assert.deepEqual([responseOf(half).end, textOf(half)], ["reset", "half"]);
});

test("no failed request is sent a second time", async (t) => {
  let seen = 0;
  const origin = await h1(t, (request) => {
    seen++;
    request.socket.destroy();
  });
  const sender = senderTo(t, origin);
  for (let at = 0; at < 5; at++) await sender.send(wireRequest(), patienceMs);
  assert.equal(seen, 5);
});

test("a handshake that fails is a failure `tls`", async (t) => {
  const plain = await h1(t, (_request, response) => void response.end());
  const { answer } = await senderTo(t, plain.replace("http:", "https:")).send(wireRequest(), patienceMs);
  assert.equal(answer.kind === "failure" && answer.reason, "tls");
});

test("what is no HTTP is a failure `protocol`", async (t) => {
  const server = net.createServer((socket) => void socket.end("SMTP ready\r\n"));
  const origin = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const { answer } = await senderTo(t, origin).send(wireRequest(), patienceMs);
  assert.equal(answer.kind === "failure" && answer.reason, "protocol");
});

test("an answer that takes longer than the timeout is given up: a failure without a head, timed-out with one", async (t) => {
  const origins = [
    await h1(t, (request, response) => {
      if (request.url === "/head") response.write("begun");
    }),
    await h2(t, (stream, headers) => {
      if (headers[":path"] !== "/head") return;
      stream.respond({ ":status": 200 });
      stream.write("begun");
    }),
  ];
  for (const [at, origin] of origins.entries()) {
    const sender = senderTo(t, origin, { http2: at === 1 });
    const { answer } = await sender.send(wireRequest({ protocol: "h2" }), 30);
    assert.equal(answer.kind === "failure" && answer.reason, "timed-out");
    const begun = await sender.send(wireRequest({ path: "/head", protocol: "h2" }), 1_000);
    assert.deepEqual([responseOf(begun).end, textOf(begun)], ["timed-out", "begun"]);
  }
});

test("giving up ends everything in flight at once", async (t) => {
  const origin = await h1(t, () => {});
  const sender = senderTo(t, origin);
  const sending = [sender.send(wireRequest(), patienceMs), sender.send(wireRequest(), patienceMs)];
  sender.giveUp();
  for (const { answer } of await Promise.all(sending)) {
    assert.equal(answer.kind === "failure" && answer.reason, "aborted");
  }
});

test("request trailers arrive, over HTTP/1.1 and over h2c", async (t) => {
  const trailersSeen: unknown[] = [];
  const originH1 = await h1(t, (request, response) => {
    request.resume().on("end", () => {
      trailersSeen.push(request.trailers["x-sum"]);
      response.end();
    });
  });
  const originH2 = await h2(t, (stream) => {
    stream.on("trailers", (trailers) => trailersSeen.push(trailers["x-sum"]));
    stream.resume().on("end", () => {
      stream.respond({ ":status": 200 });
      stream.end();
    });
  });
  const request = { method: "POST", body: Buffer.from("abc"), trailers: ["x-sum", "294"], protocol: "h2" } as const;
  responseOf(await senderTo(t, originH1).send(wireRequest(request), patienceMs));
  responseOf(await senderTo(t, originH2, { http2: true }).send(wireRequest(request), patienceMs));
  assert.deepEqual(trailersSeen, ["294", "294"]);
});

test("OPTIONS * goes out as it is", async (t) => {
  const origin = await h1(t, (request, response) => void response.end(request.url));
  const sent = await senderTo(t, origin).send(wireRequest({ method: "OPTIONS", path: "*" }), patienceMs);
  assert.equal(textOf(sent), "*");
});

test("gRPC over h2c: the message and grpc-status in trailers, and a trailers-only answer", async (t) => {
  const origin = await h2(t, (stream, headers) => {
    if (headers[":path"] === "/a.B/Missing") {
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "5" }, { endStream: true });
      return;
    }
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-te": String(headers.te) }));
    stream.pipe(stream);
  });
  const sender = senderTo(t, origin, { http2: true });
  const body = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
  const call = { method: "POST", headers: ["te", "trailers"], body, protocol: "h2" } as const;
  const answer = responseOf(await sender.send(wireRequest({ ...call, path: "/a.B/C" }), patienceMs));
  assert.deepEqual(answer.trailers, [
    ["grpc-status", "0"],
    ["x-te", "trailers"],
  ]);
  assert.ok(answer.body.kind === "whole" && body.equals(answer.body.bytes));
  const missing = responseOf(await sender.send(wireRequest({ ...call, path: "/a.B/Missing" }), patienceMs));
  assert.deepEqual([firstValue(missing.headers, "grpc-status"), missing.trailers, missing.end], ["5", [], "complete"]);
});

test("repeated fields of an h2c answer stay repeated, and pseudo fields are left out", async (t) => {
  const origin = await h2(t, (stream) => {
    stream.respond({ ":status": 200, "set-cookie": ["a=1", "b=2"] }, { endStream: true });
  });
  const sent = await senderTo(t, origin, { http2: true }).send(wireRequest({ protocol: "h2" }), patienceMs);
  const fields = responseOf(sent).headers.filter(([name]) => name !== "date");
  assert.deepEqual(fields, [
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ]);
});

test("a request that cannot be written is refused, not answered for the target", async (t) => {
  const origin = await h1(t, (_request, response) => void response.end());
  for (const http2 of [false, true]) {
    const sending = senderTo(t, origin, { http2 }).send(
      wireRequest({ headers: ["x-bad", "a\nb"], protocol: "h2" }),
      patienceMs,
    );
    await assert.rejects(sending, { message: /x-bad/ });
  }
});

test("as many connections are opened as calls overlap, and no more than the bound when there is one", async (t) => {
  for (const [connections, expected] of [
    [null, 6],
    [2, 2],
  ] as const) {
    let most = 0;
    let open = 0;
    const waiting: http.ServerResponse[] = [];
    const origin = await h1(t, (_request, response) => {
      most = Math.max(most, ++open);
      waiting.push(response);
      response.on("finish", () => open--);
      if (waiting.length >= expected) for (const held of waiting.splice(0)) held.end();
    });
    const sender = senderTo(t, origin, { connections });
    await Promise.all(Array.from({ length: 6 }, () => sender.send(wireRequest(), patienceMs)));
    assert.equal(most, expected);
  }
});
