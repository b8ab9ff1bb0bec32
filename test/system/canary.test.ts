import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { decodeContent } from "../../message/index.js";
import { type CapturedCall, pseudonymOf, type RedactedBody, type RedactedPart, redactPart } from "../../tape/index.js";
import { capturedAnswer, capturedCall, capturedRequest, testKey } from "../support/redaction.js";

/** Makes secrets that occur nowhere else: each is met in one place. */
function canaries() {
  const seeded: string[] = [];
  const make = (secret: string) => {
    seeded.push(secret);
    return secret;
  };
  let number = 0;
  return {
    seeded,
    text: () => make(`Canary${(++number * 7919).toString(36)}xQ${number}zz`),
    digits: () => make(String(7_000_000_000 + ++number * 104_729)),
    hex: () => make((0xabcdef12345678n * BigInt(++number + 40)).toString(16)),
    uuid: () => make(`3f2504e0-4f89-41d3-9a0c-${(0x305e82c33000 + ++number).toString(16)}`),
    spaced: () => make(`canary horse ${++number} staple+%&ü`),
  };
}

/** Everything of a part that may reach disk, content codings undone. */
function whatIsStored(part: RedactedPart): string {
  const { request, answer } = part;
  const messages = answer?.kind === "response" ? [request, answer] : [request];
  const texts = messages.flatMap((message) => [
    ...message.headers,
    ...(message.trailers ?? []),
    decodedText(message.body, message.headers),
  ]);
  return [request.path, ...(request.rawHeaders ?? []), ...texts, JSON.stringify(part.redacted)].join("\n");
}

function decodedText(body: RedactedBody, headers: readonly string[]): string {
  if (body.kind !== "whole" && body.kind !== "cut") return "";
  const coding = headers[headers.indexOf("content-encoding") + 1];
  const decoded = decodeContent(body.bytes, headers.includes("content-encoding") ? coding : undefined);
  return Buffer.from(decoded.kind === "decoded" ? decoded.bytes : body.bytes).toString("utf8");
}

test("of the secrets seeded in every place, none is in what would be stored", () => {
  const secret = canaries();
  const { text, digits, hex, uuid, spaced } = secret;
  const form = "application/x-www-form-urlencoded";
  const json = (value: unknown, over = {}) => capturedCall(capturedRequest(JSON.stringify(value), over));
  const parts: CapturedCall[] = [
    capturedCall(
      capturedRequest("", {
        path: `/a?token=${text()}&x=1&api_key=${encodeURIComponent(spaced())}&user[password]=${text()}#access_token=${text()}`,
        headers: [
          ...["Authorization", `Bearer ${text()}.${"e30"}.${"x"}`, "Proxy-Authorization", `Basic ${text()}==`],
          ...["Cookie", `sid=${hex()}; cart="${uuid()}"`, "cookie", `csrf=${text()}`],
          ...["X-Api-Key", text(), "X-Auth-Token", uuid(), "x-csrf-token", hex(), "x-session-id", text()],
          ...["Referer", `https://shop.example/?session=${text()}`, "x-envoy-original-path", `/a?pwd=${text()}`],
        ],
        rawHeaders: ["AUTHORIZATION", `Token ${text()}`, "cookie", `sid=${text()}`],
        trailers: ["x-access-token", text()],
      }),
      capturedAnswer("", {
        headers: [
          ...["set-cookie", `sid=${hex()}; Path=/; HttpOnly`, "set-cookie", `remember=${spaced()}; Secure`],
          ...["location", `/cb?code=1#id_token=${text()}`, "x-refresh-token", text()],
        ],
        trailers: ["set-cookie", `late=${text()}`],
      }),
    ),
    json({ user: "me", password: text(), login: { Client_Secret: text(), pin: Number(digits()), otp: digits() } }),
    json([{ accessToken: text() }, { session: { id: uuid(), keys: [text(), { deep: hex() }] } }]),
    json({ refresh_token: spaced(), "p\u0061ssphrase": `${text()}"\\\n` }, { headers: [] }),
    json({ payload: JSON.stringify({ credentials: { private_key: text() } }) }),
    capturedCall(capturedRequest(`{"passw\\u006frd":"${text()}"}`)),
    capturedCall(
      capturedRequest(new URLSearchParams({ cvv: digits(), auth: spaced() }).toString(), {
        headers: ["content-type", form],
      }),
    ),
    capturedCall(
      capturedRequest(gzipSync(JSON.stringify({ token: text() })), {
        headers: ["content-type", "application/json", "content-encoding", "gzip"],
      }),
      capturedAnswer(brotliCompressSync(`{"a":1}\n{"jwt":"${text()}"}`), {
        headers: ["content-type", "application/x-ndjson", "content-encoding", "br"],
      }),
    ),
    capturedCall(
      capturedRequest(`--b\r\nContent-Disposition: form-data; name="secret"\r\n\r\n${text()}\r\n--b--`, {
        headers: ["content-type", "multipart/form-data; boundary=b"],
      }),
      capturedAnswer(`data: {"token":"${text()}"}\n\n`, { headers: ["content-type", "text/event-stream"] }),
    ),
    capturedCall(capturedRequest(`{"token":"${text()}"`), capturedAnswer(`{"token":"${text()}`, { end: "reset" })),
    {
      ...capturedCall(capturedRequest(`{"token":"${"A1b2C3d4E5f6"}"}`, { headers: ["upgrade", "websocket"] })),
      frames: [{ direction: "to-server", kind: "text", atMs: 1, offset: 0, length: 24 }],
    } as CapturedCall,
  ];
  secret.seeded.push("A1b2C3d4E5f6");
  const stored = parts.map((part) => whatIsStored(redactPart(part, testKey))).join("\n");
  assert.ok(secret.seeded.length >= 40, `${secret.seeded.length} secrets`);
  const leaked = secret.seeded.filter((one) => stored.includes(one) || stored.includes(encodeURIComponent(one)));
  assert.deepEqual(leaked, []);
});

test("one secret has one pseudonym in every place it is met", () => {
  const secret = "s3cr3t-Of-One_User";
  const expected = pseudonymOf(secret, testKey);
  const part = redactPart(
    capturedCall(
      capturedRequest(JSON.stringify({ token: secret, nested: { authorization: `Bearer ${secret}` } }), {
        path: `/?token=${secret}`,
        headers: ["authorization", `Bearer ${secret}`, "cookie", `sid=${secret}`, "x-api-key", secret],
      }),
      capturedAnswer(`password=${secret}`, {
        headers: ["content-type", "application/x-www-form-urlencoded", "set-cookie", `sid=${secret}; Path=/`],
      }),
    ),
    testKey,
  );
  const stored = whatIsStored(part);
  assert.equal(stored.includes(secret), false);
  assert.equal(stored.split(expected).length - 1, 8);
});
