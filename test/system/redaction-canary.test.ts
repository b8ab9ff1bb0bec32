import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeContent } from "../../message/index.js";
import { type RedactedBody, type RedactedPart, redactPart } from "../../tape/index.js";
import { capturedAnswer, capturedCall, capturedRequest, testKey } from "../support/redaction.js";
import { foundIn, type SecretKind, type SeededSecret, secretMaker } from "../support/secrets.js";
import {
  answerPlaces,
  bodyPlaces,
  headerPlaces,
  requestPlaces,
  type SeededMessage,
  type SeedPlace,
} from "../support/seeded-places.js";

/** A place filled with secrets. */
function seeded(name: string, place: SeedPlace): { message: SeededMessage; secrets: SeededSecret[] } {
  const secrets: SeededSecret[] = [];
  const make = secretMaker(name);
  const message = place((kind: SecretKind) => {
    const secret = make(kind);
    secrets.push(secret);
    return secret;
  });
  return { message, secrets };
}

/** Everything of a part that may reach disk, codings undone where that is possible. */
function whatIsStored(part: RedactedPart): string {
  const { request, answer } = part;
  const messages = answer?.kind === "response" ? [request, answer] : [request];
  const texts = messages.flatMap((message) => [
    ...message.headers,
    ...(message.trailers ?? []),
    bodyText(message.body, message.headers),
  ]);
  return [request.path, ...texts, JSON.stringify(part.redacted)].join("\n");
}

function bodyText(body: RedactedBody, headers: readonly string[]): string {
  if (body.kind !== "whole" && body.kind !== "cut") return "";
  const at = headers.indexOf("content-encoding");
  const decoded = decodeContent(body.bytes, at === -1 ? undefined : headers[at + 1]);
  const bytes = Buffer.from(decoded.kind === "decoded" ? decoded.bytes : body.bytes);
  const plain = bytes.toString("latin1");
  // gRPC-Web's text is base64, and so are others' wrappings; compressed messages begin with gzip's magic.
  const unwrapped = Buffer.from(plain, "base64").toString("latin1");
  const gzipAt = bytes.indexOf(Buffer.from([0x1f, 0x8b, 8]));
  const inner = gzipAt === -1 ? undefined : decodeContent(bytes.subarray(gzipAt), "gzip");
  const utf16 = bytes.toString("utf16le");
  return [plain, unwrapped, utf16, inner?.kind === "decoded" ? Buffer.from(inner.bytes).toString("latin1") : ""].join(
    "\n",
  );
}

for (const [name, place] of Object.entries({ ...bodyPlaces, ...headerPlaces, ...requestPlaces })) {
  test(`a request keeps no secret in ${name}`, () => {
    const { message, secrets } = seeded(name, place);
    const { body, ...rest } = message;
    const over = { headers: [], ...rest };
    const stored = (part: RedactedPart) => whatIsStored(part);
    assert.ok(secrets.length > 0);
    assert.deepEqual(
      foundIn(stored(redactPart(capturedCall(capturedRequest(body ?? "", over)), testKey)), secrets),
      [],
    );
  });
}

for (const [name, place] of Object.entries({ ...bodyPlaces, ...headerPlaces, ...answerPlaces })) {
  test(`an answer keeps no secret in ${name}`, () => {
    const { message, secrets } = seeded(name, place);
    const answer = capturedAnswer(message.body ?? "", { headers: [], ...withoutBody(message) });
    assert.deepEqual(
      foundIn(whatIsStored(redactPart(capturedCall(capturedRequest(""), answer), testKey)), secrets),
      [],
    );
  });
}

function withoutBody({ headers, trailers }: SeededMessage) {
  return { ...(headers && { headers }), ...(trailers && { trailers }) };
}

test("a body that was cut, wherever that was, keeps no part of a secret that is longer than seven characters", () => {
  for (const [name, place] of Object.entries(bodyPlaces)) {
    const { message, secrets } = seeded(name, place);
    const all = message.body!;
    for (let length = 1; length < all.length; length += Math.ceil(all.length / 97)) {
      const pieces = [all.subarray(0, length)];
      const hash = new Uint8Array(16);
      const body = { pieces, fullBytes: all.length, hash };
      const request = capturedRequest("", { headers: message.headers ?? [], body });
      const stored = whatIsStored(redactPart(capturedCall(request), testKey));
      const parts = secrets.map((secret) => ({ ...secret, needles: secret.needles.map(beginningOf) }));
      assert.deepEqual(foundIn(stored, parts), [], `${name} cut at ${length}`);
    }
  }
});

/** Of a token's claims what comes after their first name, which is kept. */
function beginningOf(needle: string): string {
  return needle.startsWith("eyJzdWIiOi") ? needle.slice(12, 28) : needle.slice(0, 12);
}

test("the search itself finds a secret that nothing redacts", () => {
  const { message, secrets } = seeded("leak", (make) => ({ body: Buffer.from(`{"note":"${make("named").value}"}`) }));
  const stored = whatIsStored(redactPart(capturedCall(capturedRequest(message.body!)), testKey));
  assert.equal(foundIn(stored, secrets).length, 1);
});
