import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { RawClient } from "../support/raw-client.js";
import { startTestRecorder } from "../support/start-recorder.js";

/*
 * Requests that two readers may take apart differently (RFC 9112, sections 5.2, 6.1, 6.3, 7.1, 11.2). Each carries
 * `GET /smuggled`, which only a wrong reading takes for a request of its own. A form is either refused, and nothing of it
 * reaches the service, or passed on so that there is one way to read it: the next request on the connection is then
 * answered, and the service saw these two.
 */
interface Form {
  name: string;
  head: string;
  body: string;
  /** What becomes of it; `passed` with the body that the service is to see. */
  fate: { kind: "refused" } | { kind: "passed"; body: string };
}

const hidden = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
const refused = { kind: "refused" } as const;
const asChunks = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

function post(fields: string, body: string, fate: Form["fate"], lines = "\r\n"): Omit<Form, "name"> {
  return { head: `POST /first HTTP/1.1${lines}host: a${lines}${fields}${lines}${lines}`, body, fate };
}

const forms: Form[] = [
  { name: "both lengths, chunks first", ...post(`content-length: 4\r\ntransfer-encoding: chunked`, asChunks, refused) },
  {
    name: "both lengths, none inside",
    ...post(`transfer-encoding: chunked\r\ncontent-length: 6`, `0\r\n\r\nG${hidden}`, refused),
  },
  { name: "two different lengths", ...post(`content-length: 0\r\ncontent-length: ${hidden.length}`, hidden, refused) },
  { name: "two equal lengths", ...post(`content-length: 2\r\ncontent-length: 2`, "ok", refused) },
  { name: "a list of lengths", ...post(`content-length: 0, ${hidden.length}`, hidden, refused) },
  { name: "a length with a sign", ...post(`content-length: +${hidden.length}`, hidden, refused) },
  { name: "a negative length", ...post("content-length: -1", hidden, refused) },
  { name: "a length in hexadecimal", ...post(`content-length: 0x${hidden.length.toString(16)}`, hidden, refused) },
  { name: "a length too large to count", ...post("content-length: 99999999999999999999999", hidden, refused) },
  { name: "a length that begins with zeros", ...post("content-length: 0002", "ok", { kind: "passed", body: "ok" }) },
  { name: "a space before the colon", ...post(`content-length : ${hidden.length}`, hidden, refused) },
  { name: "a folded line", ...post(`x-folded: a\r\n content-length: ${hidden.length}`, hidden, refused) },
  { name: "a folded coding", ...post("transfer-encoding:\r\n chunked", asChunks, refused) },
  { name: "a first field that begins with a space", ...post(`x: y\r\n\tz: content-length`, hidden, refused) },
  { name: "lines that end with LF alone", ...post("content-length: 0", hidden, refused, "\n") },
  { name: "CR inside a value", ...post(`x: a\rcontent-length: ${hidden.length}`, hidden, refused) },
  { name: "NUL inside a value", ...post("x: a\0b\r\ncontent-length: 0", hidden, refused) },
  { name: "a coding nobody knows", ...post("transfer-encoding: xchunked", asChunks, refused) },
  { name: "chunked not last", ...post("transfer-encoding: chunked, identity", asChunks, refused) },
  { name: "chunked twice", ...post("transfer-encoding: chunked\r\ntransfer-encoding: chunked", asChunks, refused) },
  { name: "chunked with a vertical tab", ...post("transfer-encoding: \x0bchunked", asChunks, refused) },
  { name: "chunked in quotes", ...post('transfer-encoding: "chunked"', asChunks, refused) },
  { name: "chunked in capitals", ...post("Transfer-Encoding: CHUNKED", asChunks, { kind: "passed", body: hidden }) },
  { name: "a chunk size with a prefix", ...post("transfer-encoding: chunked", `0x${asChunks}`, refused) },
  { name: "a chunk size with a sign", ...post("transfer-encoding: chunked", `+${asChunks}`, refused) },
  { name: "a chunk size with a space before it", ...post("transfer-encoding: chunked", ` ${asChunks}`, refused) },
  {
    name: "a chunk size beyond 64 bits",
    ...post("transfer-encoding: chunked", `1${"0".repeat(16)}\r\n${hidden}`, refused),
  },
  {
    name: "a chunk with an extension",
    ...post("transfer-encoding: chunked", `2;name=value\r\nok\r\n0;last\r\n\r\n`, { kind: "passed", body: "ok" }),
  },
  { name: "a chunk extension with a bare LF", ...post("transfer-encoding: chunked", `2;x\nok\r\n0\r\n\r\n`, refused) },
  { name: "a chunk that ends with LF alone", ...post("transfer-encoding: chunked", "2\nok\n0\n\n", refused) },
  { name: "a chunk longer than said", ...post("transfer-encoding: chunked", `2\r\nokay\r\n0\r\n\r\n`, refused) },
  {
    name: "chunked in HTTP/1.0",
    head: "POST /first HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
    body: asChunks,
    fate: refused,
  },
  { name: "a space in a field name", ...post(`x y: z\r\ncontent-length: 0`, hidden, refused) },
  { name: "no name at all", ...post(`: z\r\ncontent-length: 0`, hidden, refused) },
  { name: "no version", head: "GET /first\r\nhost: a\r\n\r\n", body: hidden, fate: refused },
  { name: "a version nobody has", head: "GET /first HTTP/1.9\r\nhost: a\r\n\r\n", body: hidden, fate: refused },
  { name: "a space in the target", head: "GET /first x HTTP/1.1\r\nhost: a\r\n\r\n", body: "", fate: refused },
];

for (const form of forms) {
  test(`${form.name}: ${form.fate.kind}`, async (t) => {
    const service = await startService(t);
    const recorder = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service.port}` });
    const client = new RawClient(t, recorder.port).send(form.head + form.body);
    if (form.fate.kind === "refused") {
      const answer = await client.untilClosed();
      assert.doesNotMatch(answer, /HTTP\/1\.1 2/);
      assert.deepEqual(service.whole, []);
    } else {
      client.send("GET /after HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
      assert.equal((await client.untilClosed()).match(/HTTP\/1\.1 200/g)?.length, 2);
      assert.deepEqual(service.whole, [`POST /first ${form.fate.body}`, "GET /after "]);
      assertOneReading(service.bytes());
    }
  });
}

/** What went on to the service: one length or one coding, complete lines, nothing folded. */
function assertOneReading(bytes: string): void {
  const [head] = bytes.split("\r\n\r\n") as [string];
  assert.doesNotMatch(head.replaceAll("\r\n", ""), /[\r\n\0]/);
  assert.doesNotMatch(head, /\r\n[ \t]/);
  assert.equal(head.match(/^(content-length|transfer-encoding):/gim)?.length, 1, head);
}

/** A service that notes requests that came whole, and the bytes that reached it. */
async function startService(t: TestContext): Promise<{ port: number; whole: string[]; bytes: () => string }> {
  const whole: string[] = [];
  const pieces: Buffer[] = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1").on("data", (text: string) => {
      body += text;
    });
    request.on("error", () => {});
    request.on("end", () => {
      whole.push(`${request.method} ${request.url} ${body}`);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const door = net.createServer((socket) => {
    const onwards = net.connect({ host: "127.0.0.1", port: portOf(server) });
    for (const side of [socket, onwards]) side.on("error", () => {});
    socket.on("data", (piece) => pieces.push(piece));
    socket.pipe(onwards).pipe(socket);
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
    return new Promise((resolve) => door.close(resolve));
  });
  return {
    port: portOf(door),
    whole,
    bytes: () => Buffer.concat(pieces).toString("latin1"),
  };
}

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}
