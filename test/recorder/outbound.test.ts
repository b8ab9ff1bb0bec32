import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { upstreamAddress } from "../../recorder/forward/upstream-address.js";
import type { RecorderOptions } from "../../recorder/index.js";
import type { OutboundRoutes } from "../../recorder/outbound/routes.js";
import { askHttp2 } from "../support/clients.js";
import { startHandMade } from "../support/hand-made.js";
import { closedPort, listenOnLoopback } from "../support/loopback.js";
import { RawClient } from "../support/raw-client.js";
import { startTestRecorder, type TestRecorder } from "../support/start-recorder.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

/** A service that says what it was asked for: method, target, Host. */
async function startSaying(t: TestContext, name: string): Promise<number> {
  const server = http.createServer((request, response) => {
    response.end(`${name}: ${request.method} ${request.url} for ${request.headers.host}`);
  });
  return await listenOnLoopback(t, server);
}

function startOutbound(
  t: TestContext,
  routes: OutboundRoutes = { routes: [] },
  more: Partial<RecorderOptions> = {},
): Promise<TestRecorder> {
  return startTestRecorder(t, { mode: "outbound", outbound: { routes }, ...more });
}

function routeTo(host: string, port: number): OutboundRoutes["routes"][number] {
  return { host, upstream: upstreamAddress(new URL(`http://127.0.0.1:${port}`)) };
}

/** The answer to a request as it stands. */
async function say(t: TestContext, port: number, start: string, host: string): Promise<string> {
  const request = `${start} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
  return await new RawClient(t, port).send(request).untilClosed();
}

test("a call goes where the first route leads that matches its authority, and is recorded as outbound", async (t) => {
  const [reviews, others] = [await startSaying(t, "reviews"), await startSaying(t, "others")];
  const routes = { routes: [routeTo("reviews", reviews), routeTo("*.shop.svc", others), routeTo("*", reviews)] };
  const { port, writer } = await startOutbound(t, routes);
  assert.match(await say(t, port, "GET /a?b", "reviews:9080"), /reviews: GET \/a\?b for reviews:9080$/);
  assert.match(await say(t, port, "GET /c", "Ratings.shop.svc"), /others: GET \/c for Ratings\.shop\.svc$/);
  assert.match(await say(t, port, "GET /d", "else.example"), /reviews: GET \/d for else\.example$/);
  const calls = await writer.untilCalls(3);
  assert.deepEqual(
    calls.map(({ vantage, request }) => `${vantage} ${request.authority}`),
    ["outbound reviews:9080", "outbound Ratings.shop.svc", "outbound else.example"],
  );
});

test("HTTP/2 goes by its authority", async (t) => {
  const service = await startService(t);
  const { port } = await startOutbound(t, { routes: [routeTo("reviews", service.port)] });
  const ask = (authority: string) =>
    askHttp2(port, { method: "GET", path: "/echo", headers: [[":authority", authority]] });
  assert.equal((await ask("reviews:80")).status, 200);
  const refused = await ask("ratings");
  assert.deepEqual([refused.status, refused.body.toString()], [502, 'tapeloop: no route for "ratings"\n']);
});

test("an absolute target goes where it says, in origin form, its authority in the place of Host", async (t) => {
  const service = await startSaying(t, "service");
  const { port, writer } = await startOutbound(t);
  const answer = await say(t, port, `GET http://127.0.0.1:${service}/a?b=c`, "something.else");
  assert.match(answer, new RegExp(`service: GET /a\\?b=c for 127\\.0\\.0\\.1:${service}$`));
  const { request } = await writer.onlyCall();
  assert.deepEqual([request.authority, request.path], [`127.0.0.1:${service}`, "/a?b=c"]);
  assert.deepEqual(request.headers.slice(0, 2), ["host", "something.else"]);
});

test("a route holds for absolute targets, too", async (t) => {
  const service = await startSaying(t, "service");
  const { port } = await startOutbound(t, { routes: [routeTo("reviews", service)] });
  assert.match(await say(t, port, "GET http://reviews/a", "x"), /service: GET \/a for reviews$/);
});

test("without a route: the default, each as it is named, or a 502 that says so", async (t) => {
  const service = await startSaying(t, "service");
  const named = `127.0.0.1:${service}`;
  const toDefault = await startOutbound(t, { routes: [], default: routeTo("", service).upstream });
  assert.match(await say(t, toDefault.port, "GET /", "anything"), /service: GET \/ for anything$/);
  const asNamed = await startOutbound(t, { routes: [], default: "as-named" });
  assert.match(await say(t, asNamed.port, "GET /", named), /service: GET \/ for/);
  const none = await startOutbound(t);
  assert.match(await say(t, none.port, "GET /", named), /^HTTP\/1\.1 502 [\s\S]*no route for/);
  const call = await none.writer.onlyCall();
  assert.equal(call.answer.kind === "failure" && call.answer.reason, "unresolved-host");
});

test("hosts that are not allowed are refused by every way of naming them; a route needs no leave", async (t) => {
  const service = await startSaying(t, "service");
  const other = await startSaying(t, "other");
  const routes: OutboundRoutes = {
    routes: [routeTo("routed", other)],
    default: "as-named",
    allow: [`127.0.0.1:${service}`],
  };
  const { port, writer } = await startOutbound(t, routes);
  assert.match(await say(t, port, "GET /", `127.0.0.1:${service}`), /^HTTP\/1\.1 200 /);
  assert.match(await say(t, port, "GET /", "routed"), /^HTTP\/1\.1 200 /);
  assert.match(await say(t, port, "GET /", `127.0.0.1:${other}`), /^HTTP\/1\.1 403 /);
  assert.match(await say(t, port, `GET http://127.0.0.1:${other}/`, "x"), /^HTTP\/1\.1 403 /);
  assert.match(await say(t, port, `CONNECT 127.0.0.1:${other}`, "x"), /^HTTP\/1\.1 403 /);
  assert.equal((await writer.untilCalls(4)).length, 4);
});

test("a call that would come back to the recorder is refused", async (t) => {
  const { port } = await startOutbound(t, { routes: [], default: "as-named" });
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    assert.match(await say(t, port, "GET /", host), /^HTTP\/1\.1 508 /, host);
    assert.match(await say(t, port, `CONNECT ${host}`, host), /^HTTP\/1\.1 508 /, host);
  }
});

test("so is one that comes back by a name that nobody would think of", async (t) => {
  const own = await closedPort();
  const { port, writer } = await startOutbound(t, { routes: [routeTo("*", own)] }, { listen: `127.0.0.1:${own}` });
  assert.equal(port, own);
  assert.match(await say(t, port, "GET /whole", "roundabout"), /^HTTP\/1\.1 502 [\s\S]*refused/);
  const chunked = "POST / HTTP/1.1\r\nhost: roundabout\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n";
  assert.match(await new RawClient(t, port).send(chunked).until("\r\n\r\n"), /^HTTP\/1\.1 502 /);
  assert.equal((await askHttp2(port, { method: "GET", path: "/" })).status, 502);
  assert.equal((await writer.untilCalls(3)).length, 3);
});

test("a WebSocket goes where its authority leads", async (t) => {
  const service = await startHandMade(t, (socket) => {
    socket.once("data", (bytes) => {
      const head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
      socket.end(head + bytes.toString("latin1").split("\r\n")[0]);
    });
  });
  const { port } = await startOutbound(t);
  const handshake = `GET http://127.0.0.1:${service}/ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: abc\r\n\r\n`;
  assert.match(
    await new RawClient(t, port).send(handshake).untilClosed(),
    /^HTTP\/1\.1 101 [\s\S]*GET \/ws HTTP\/1\.1$/,
  );
});

test("CONNECT is a tunnel that is passed through unread, counted, and no Exchange", async (t) => {
  const service = await startHandMade(t, (socket) => {
    socket.write("\x16greeting");
    socket.on("data", (bytes) =>
      socket.write(
        bytes.toString("latin1").replace(/[a-z]/g, (letter) => letter.toUpperCase()),
        "latin1",
      ),
    );
    socket.on("end", () => socket.end("bye"));
  });
  const recorder = await startOutbound(t);
  const client = new RawClient(t, recorder.port);
  client.send(`CONNECT 127.0.0.1:${service} HTTP/1.1\r\nhost: x\r\n\r\nearly `);
  await client.until("EARLY ");
  client.send("\0\xe0 later").socket.end();
  const all = await client.untilClosed();
  assert.match(all, /^HTTP\/1\.1 200 Connection Established\r\n\r\n/);
  assert.equal(all.slice(all.indexOf("\r\n\r\n") + 4).replace("\x16greeting", ""), "EARLY \0\xe0 LATERbye");
  await recorder.stop();
  const { opaque, seen } = recorder.writer.counted;
  assert.deepEqual([opaque, seen, recorder.writer.parts.length], [1, 0, 0]);
});

test("CONNECT over HTTP/2 is a tunnel in its stream", async (t) => {
  const service = await startHandMade(t, (socket) => socket.pipe(socket));
  const { port } = await startOutbound(t);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "CONNECT", ":authority": `127.0.0.1:${service}` });
  let got = "";
  stream.on("data", (bytes) => (got += bytes));
  stream.end("there and back");
  await new Promise((resolve, reject) => stream.on("close", resolve).on("error", reject));
  assert.equal(got, "there and back");
});

test("a tunnel to nowhere is a 502, one that is reset is reset, one that is idle too long is closed", async (t) => {
  const { port } = await startOutbound(t, undefined, { idleMs: 200 });
  assert.match(await say(t, port, `CONNECT 127.0.0.1:${await closedPort()}`, "x"), /^HTTP\/1\.1 502 /);
  assert.match(await say(t, port, "CONNECT nonsense", "x"), /^HTTP\/1\.1 400 /);
  const resetting = await startHandMade(t, (socket) => socket.once("data", () => socket.resetAndDestroy()));
  const reset = new RawClient(t, port).send(`CONNECT 127.0.0.1:${resetting} HTTP/1.1\r\nhost: x\r\n\r\nx`);
  await reset.untilClosed();
  const silent = await startHandMade(t, () => {});
  await new RawClient(t, port).send(`CONNECT 127.0.0.1:${silent} HTTP/1.1\r\nhost: x\r\n\r\n`).untilClosed();
});

test("a tunnel is read at the pace of who reads at its other end", async (t) => {
  let written = 0;
  const flooding = await startHandMade(t, (socket) => {
    const block = Buffer.alloc(2 ** 20);
    const write = () => {
      written += block.length;
      if (written < 200 * 2 ** 20) socket.write(block, write);
    };
    write();
  });
  const { port } = await startOutbound(t);
  const client = net.connect(port, "127.0.0.1");
  t.after(() => client.destroy());
  client.write(`CONNECT 127.0.0.1:${flooding} HTTP/1.1\r\nhost: x\r\n\r\n`);
  let before = -1;
  await until("the service to be held back", async () => {
    if (written === before) return true;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return false;
  });
  assert.ok(written < 100 * 2 ** 20, String(written));
});

test("one recorder holds both sides of a service", async (t) => {
  const ratings = await startSaying(t, "ratings");
  const outboundPort = { value: 0 };
  const reviews = http.createServer((_request, response) => {
    const options = { host: "127.0.0.1", port: outboundPort.value, path: "/ratings/1", headers: { host: "ratings" } };
    http.get(options, (answer) => answer.pipe(response));
  });
  const upstream = `http://127.0.0.1:${await listenOnLoopback(t, reviews)}`;
  const outbound = { listen: "127.0.0.1:0", routes: { routes: [routeTo("ratings", ratings)] } };
  const recorder = await startTestRecorder(t, { mode: "inbound", upstream, outbound });
  outboundPort.value = Number(recorder.doors.outbound!.split(":").at(-1));
  assert.equal(recorder.doors.listen, recorder.listen);
  assert.match(await say(t, recorder.port, "GET /reviews/1", "reviews"), /ratings: GET \/ratings\/1 for ratings/);
  const calls = await recorder.writer.untilCalls(2);
  assert.deepEqual(
    calls.map(({ vantage, request, connection }) => `${vantage} ${request.path} ${connection}`),
    ["inbound /reviews/1 0", "outbound /ratings/1 1"],
  );
});

test("outbound calls are taken on this machine alone, unless remote clients are allowed and hosts are named", async (t) => {
  for (const [options, said] of [
    [{ mode: "outbound", listen: "0.0.0.0:0" }, /forwarded for anyone/],
    [{ outbound: { listen: "0.0.0.0:0" } }, /forwarded for anyone/],
    [{ mode: "outbound", listen: "0.0.0.0:0", outbound: { allowRemoteClients: true } }, /which hosts may be reached/],
    [
      { mode: "outbound", listen: "0.0.0.0:0", outbound: { allowRemoteClients: true, routes: { routes: [] } } },
      /which hosts may be reached/,
    ],
    [{ mode: "outbound", outbound: { listen: "127.0.0.1:0" } }, /one address/],
  ] as const) {
    await assert.rejects(startTestRecorder(t, options), { name: "OperatorError", message: said });
  }
  const allowed = { allowRemoteClients: true, routes: { routes: [], allow: ["reviews"] } };
  await startTestRecorder(t, { mode: "outbound", listen: "0.0.0.0:0", outbound: allowed });
});
