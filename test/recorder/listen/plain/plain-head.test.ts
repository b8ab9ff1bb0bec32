import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { readPlainHead } from "../../../../recorder/listen/plain/plain-head.js";

const read = (text: string, mostBytes = 16_384) => readPlainHead(Buffer.from(text, "latin1"), 0, mostBytes);

test("a plain head is read with its fields as they came, and where it ends", () => {
  const text = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Two:no space\r\nempty:\r\nContent-Length: 3\r\n\r\nabc";
  assert.deepEqual(read(text), {
    ...{ method: "POST", url: "/a?b=c", httpVersionMinor: 1, bodyBytes: 3, endsAt: text.length - 3 },
    rawHeaders: ["Host", "x", "X-Two", "no space", "empty", "", "Content-Length", "3"],
  });
});

const get = (...lines: string[]) => `GET / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
const notPlain: Record<string, string> = {
  "a head that is not whole": "GET / HTTP/1.1\r\nhost: a\r\n",
  "HTTP/1.0": "GET / HTTP/1.0\r\nhost: a\r\n\r\n",
  "an absolute target": "GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n",
  "a method of its own": "PURGE / HTTP/1.1\r\nhost: a\r\n\r\n",
  "an empty line before it": "\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
  "no Host": get("x: y"),
  "two Hosts": get("host: a", "Host: b"),
  "two lengths": get("host: a", "content-length: 1", "Content-Length: 1"),
  "a length that is none": get("host: a", "content-length: +1"),
  "a length of two forms": get("host: a", "content-length: 01"),
  "a list of lengths": get("host: a", "content-length: 1, 1"),
  chunks: get("host: a", "transfer-encoding: chunked"),
  "a trailer to come": get("host: a", "trailer: x"),
  "an upgrade": get("host: a", "upgrade: websocket"),
  "an expectation": get("host: a", "expect: 100-continue"),
  "a last request": get("host: a", "connection: close"),
  "a connection option": get("host: a", "connection: keep-alive, x"),
  "a proxy's connection": get("host: a", "proxy-connection: close"),
  "space before the colon": get("host: a", "x : y"),
  "a folded line": get("host: a", "x: y", " z"),
  "a bare line feed": "GET / HTTP/1.1\r\nhost: a\nx: y\r\n\r\n",
  "a bare carriage return": get("host: a", "x: y\rz"),
  "a NUL": get("host: a", "x: y\0z"),
  "no name": get("host: a", ": y"),
  "space after a value": get("host: a", "x: y "),
  "a tab before a value": get("host: a", "x:\ty"),
};
for (const [what, text] of Object.entries(notPlain)) {
  test(`${what} is for a whole parser`, () => {
    assert.equal(read(text), undefined);
  });
}

test("a head longer than the limit is for a whole parser, which refuses it", () => {
  const text = get("host: a", `x: ${"y".repeat(100)}`);
  assert.equal(read(text, 100), undefined);
  assert.notEqual(read(text, 200), undefined);
});

test("what is read as plain, Node's parser reads the same", async (t) => {
  const seen: http.IncomingMessage[] = [];
  const server = http.createServer({ requireHostHeader: false }, (request, response) => {
    seen.push(request);
    response.end();
  });
  server.maxHeadersCount = 0;
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const odd = fc.constantFrom(..."\0\t\r\n :,a\x7f\xe9");
  const value = fc.array(fc.oneof({ weight: 20, arbitrary: fc.constantFrom(..."ab1, ;=\xe9") }, odd), { maxLength: 8 });
  const name = fc.constantFrom("x", "Accept", "host", "content-length", "connection", "keep-alive", "te", "x y", "");
  const field = fc
    .tuple(name, fc.constantFrom(":", ": ", ":  ", " :"), value)
    .map(([of, colon, characters]) => `${of}${colon}${characters.join("")}`);
  const line = fc.constantFrom("GET / HTTP/1.1", "DELETE /a?%20 HTTP/1.1", "OPTIONS * HTTP/1.1", "get / HTTP/1.1");
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(line, fc.array(field, { maxLength: 4 }), async (first, fields) => {
      const text = [first, "host: a", ...fields, "", ""].join("\r\n");
      const head = read(text);
      if (head === undefined || head.bodyBytes > 0) return;
      plain++;
      const socket = net.connect(port, "127.0.0.1");
      try {
        socket.write(text, "latin1");
        await once(socket, "data");
      } finally {
        socket.destroy();
      }
      const { method, url, httpVersionMinor, rawHeaders } = seen.pop()!;
      assert.deepEqual({ method, url, httpVersionMinor, rawHeaders }, withoutPlace(head));
    }),
    { numRuns: 1000 },
  );
  // About 124 of 1,000 are.
  assert.ok(plain > 40, `${plain} of 1000 were plain`);
});

function withoutPlace({ bodyBytes: _, endsAt: __, ...head }: NonNullable<ReturnType<typeof read>>) {
  return head;
}
