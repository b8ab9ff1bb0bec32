import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { deframeGrpc } from "../../../message/index.js";
import { pseudonymOf } from "../../../tape/index.js";
import { type BodyHeaders, redactBytes } from "../../../tape/redaction/body.js";
import { movedFrames } from "../../../tape/redaction/content/moved-frames.js";
import { redactProtobuf } from "../../../tape/redaction/content/protobuf.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { grpcFrame } from "../../support/grpc.js";
import { testKey, testRedaction } from "../../support/redaction.js";

const p = (secret: string) => pseudonymOf(secret, testKey);

function redacted(bytes: string | Uint8Array, headers: Partial<BodyHeaders>) {
  const places = new PlaceList();
  const all = { contentType: undefined, contentEncoding: undefined, ...headers };
  const result = redactBytes(Buffer.from(bytes as string), all, true, testRedaction, places);
  return { bytes: result.kind === "redacted" ? Buffer.from(result.bytes) : result.kind, places: places.list() };
}

test("XML: named elements and attributes, told inputs and texts are replaced; every other byte stays", () => {
  const xml = (secret: string, mail: string, pin: string) =>
    `<?xml version="1.0"?>\n<e:Envelope a='1'><wsse:Password Type="t"> ${secret} </wsse:Password>
<user apiKey="${secret}"/><br><input value='${secret}' name="csrf_token"><note>mail &lt;${mail}&gt;</note>
<![CDATA[${mail}]]><!-- ${mail} --><stars>5</stars><auth><pin>${pin}</pin></auth></e:Envelope>`;
  const [secret, mail, pin] = ["hunter2&amp;x", "ann@shop.example", "471100"];
  const { bytes, places } = redacted(xml(secret, mail, pin), { contentType: "application/soap+xml" });
  assert.equal(bytes.toString(), xml(p("hunter2&x").replace("&", "&amp;"), p(mail), p(pin)));
  assert.ok(places.includes("body:/e:Envelope/wsse:Password"), places.join());
  assert.ok(places.includes("body:/e:Envelope/user@apiKey"), places.join());
});

test("HTML without a secret is the same bytes, however broken", () => {
  for (const html of [
    "<p>5 < 6 > 4 <b>x</p>",
    "<input name=q value='x'>",
    "<a href=/x?page_token=abc>x</a><",
    "<!-- <p",
  ]) {
    assert.equal(redacted(html, { contentType: "text/html" }).bytes, "unchanged", html);
  }
});

/** Field 1 holds `text`, field 2 a message with it in its field 3, field 4 a number. */
function message(text: string): Buffer {
  const field = (number: number, bytes: Buffer) => Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes]);
  const inner = field(3, Buffer.from(text));
  return Buffer.concat([field(1, Buffer.from(text)), field(2, inner), Buffer.of(0x20, 0x2a)]);
}

// Its pseudonym is longer: an escape in a claim is written out.
const claims = Buffer.from('{"sub":"caf\\u00e9-ann"}').toString("base64url");
const token = `eyJhbGciOiJIUzI1NiJ9.${claims}.c2ln`;

test("gRPC messages are rewritten with their lengths, compressed ones with their coding", () => {
  for (const secret of ["ann@shop.example", token]) {
    const body = Buffer.concat([grpcFrame(message(secret)), grpcFrame(message("nothing"))]);
    const { bytes, places } = redacted(body, { contentType: "application/grpc" });
    assert.deepEqual(bytes, Buffer.concat([grpcFrame(message(p(secret))), grpcFrame(message("nothing"))]));
    assert.deepEqual(places, ["body:message 0 /1", "body:message 0 /2/3"]);
  }
  const packed = grpcFrame(gzipSync(message(token)));
  packed[0] = 1;
  const { bytes } = redacted(packed, { contentType: "application/grpc+proto", messageEncoding: "gzip" });
  const { messages, restBytes } = deframeGrpc(bytes as Buffer);
  assert.deepEqual([messages.length, restBytes, messages[0]!.compressed], [1, 0, true]);
  assert.deepEqual(gunzipSync(messages[0]!.bytes), message(p(token)));
});

test("a compressed message of an unknown coding is unreadable", () => {
  const packed = grpcFrame(Buffer.from("whatever"));
  packed[0] = 1;
  assert.equal(redacted(packed, { contentType: "application/grpc", messageEncoding: "snappy" }).bytes, "unreadable");
});

test("gRPC-Web keeps its trailers apart, and as text its base64", () => {
  const trailers = (mail: string) => {
    const frame = grpcFrame(Buffer.from(`grpc-status: 0\r\ngrpc-message: no ${mail}\r\n`));
    frame[0] = 0x80;
    return frame;
  };
  const body = (secret: string) => Buffer.concat([grpcFrame(message(secret)), trailers(secret)]);
  const mail = "ann@shop.example";
  assert.deepEqual(redacted(body(mail), { contentType: "application/grpc-web+proto" }).bytes, body(p(mail)));
  const asText = redacted(body(mail).toString("base64"), { contentType: "application/grpc-web-text" }).bytes;
  assert.deepEqual(Buffer.from(asText.toString(), "base64"), body(p(mail)));
});

const field = fc.letrec<{ message: Uint8Array; field: Uint8Array }>((tie) => ({
  field: fc
    .tuple(
      fc.integer({ min: 1, max: 15 }),
      fc.oneof(
        { depthSize: "small" },
        fc.string().map((text) => Buffer.from(text)),
        tie("message"),
      ),
    )
    .filter(([, value]) => value.length < 128)
    .map(([number, value]) => Buffer.concat([Buffer.of((number << 3) | 2, value.length), value])),
  message: fc.array(tie("field"), { maxLength: 4 }).map((fields) => Buffer.concat(fields)),
})).message;

test("a message without secrets is the same bytes, and anything at all is read without throwing", () => {
  fc.assert(
    fc.property(field, (bytes) => {
      assert.equal(redactProtobuf(bytes, testRedaction, new PlaceList(), "body:"), bytes);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      redacted(bytes, { contentType: "application/grpc" });
      redacted(bytes, { contentType: "application/x-protobuf" });
      redacted(bytes, {});
    }),
  );
});

test("frames inside a body that became longer stand where their messages stand", () => {
  const before = Buffer.from("data: one\n\ndata: two\n\n");
  const after = Buffer.from("data: longer\n\ndata: two\n\n");
  const frames = [
    { direction: "to-client", kind: "event", offset: 0, length: 11 },
    { direction: "to-server", kind: "text", offset: 3, length: 4 },
    { direction: "to-client", kind: "event", offset: 11, length: 11 },
    { direction: "to-client", kind: "chunk", offset: 11, length: 11 },
  ] as unknown as Parameters<typeof movedFrames>[0];
  assert.deepEqual(
    movedFrames(frames, "to-client", before, after).map(({ offset, length }) => [offset, length]),
    [
      [0, 14],
      [3, 4],
      [14, 11],
      [14, 11],
    ],
  );
});
