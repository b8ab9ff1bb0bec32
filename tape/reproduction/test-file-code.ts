import type { TlsFiles } from "../run.js";

/** The parts of a test file that differ. */
export interface TestFileParts {
  target: string;
  /** Files that an https target needs. */
  tls: TlsFiles;
  calls: readonly object[];
  check: object;
}

/** The text of a test file around its parts. It stands alone, so that it may be kept beside any project's tests. */
export function testFileCode({ target, tls, calls, check }: TestFileParts): string {
  const list = calls.map((call) => `  ${JSON.stringify(call)},\n`).join("");
  return `// Made by tapeloop: the calls that show one divergence. Run it with: TARGET=${target} node --test FILE
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { env } from "node:process";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

const target = env.TARGET ?? ${JSON.stringify(target)};
// In PEM: who may have signed the target's certificate, our own certificate, its key.
const tlsFiles = {
  ca: env.TARGET_CA ?? ${JSON.stringify(tls.ca)},
  cert: env.TARGET_CERT ?? ${JSON.stringify(tls.cert)},
  key: env.TARGET_KEY ?? ${JSON.stringify(tls.key)},
};
const calls = [
${list}];
const check = ${JSON.stringify(check, null, 2)};

${runtime}`;
}

const runtime = `const tls = {};
for (const [name, file] of Object.entries(target.startsWith("https:") ? tlsFiles : {})) {
  if (file !== undefined) tls[name] = readFileSync(file);
}

test(check.title, async () => {
  const answers = [];
  for (const call of calls.map(withFreshKeys)) answers.push(await (call.h2 ? sendHttp2(call) : sendHttp1(call)));
  const actual = answers[check.call];
  const expected = { ...check.expected, body: Buffer.from(check.expected.body ?? "", "base64") };
  assert.deepEqual(seenAt(actual), seenAt(expected), \`at \${check.place}\`);
});

// A key by which a service knows a call again is another one each time this is run, and the same for the same.
const drawn = new Map();
function withFreshKeys(call) {
  for (const at of call.keys ?? []) {
    const key = call.headers[at];
    if (!drawn.has(key)) drawn.set(key, freshKey(key));
  }
  return { ...call, headers: call.headers.map((text, at) => (call.keys?.includes(at) ? drawn.get(text) : text)) };
}

// Letters and digits are others; the first, and version and variant of a UUID, stay.
function freshKey(key) {
  const kept = new Set([key.search(/[0-9a-z]/i)]);
  for (const { index } of key.matchAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi)) kept.add(index + 14).add(index + 19);
  const one = (from) => from[randomInt(from.length)];
  return key.replace(/[0-9a-z]/gi, (text, at) => {
    if (kept.has(at)) return text;
    return one(text <= "9" ? "0123456789" : text < "a" ? "ABCDEF" : "abcdef");
  });
}

// What an answer has at the place of the divergence, as far as its kind is about that.
function seenAt(answer) {
  const { place, kind } = check;
  const [, part, name] = /^(header|trailer):(.*)$/.exec(place) ?? [];
  if (part !== undefined) return fieldsAt(answer[\`\${part}s\`] ?? [], name);
  if (kind === "answer-end") return answer.complete === true;
  if (!place.startsWith("body")) return answer.status;
  const json = jsonOf(answer);
  if (json === undefined || place === "body") return decoded(answer).toString("latin1");
  const found = at(json, place.slice(5).split("/").slice(1).map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~")));
  if (kind === "array-length") return found.map((value) => value?.length);
  if (kind === "changed-type" || check.byType) return found.map(typeOf);
  if (kind === "missing-field" || kind === "added-field") return found.length;
  return found;
}

function fieldsAt(fields, name) {
  const found = name.startsWith("set-cookie/") ? cookiesAt(values(fields, "set-cookie"), name.slice(11)) : values(fields, name);
  return /^(missing|added)-/.test(check.kind) ? found.length > 0 : found;
}

// A cookie's value at its name, an attribute's at NAME/ATTRIBUTE; a cookie set twice counts as it is set last.
function cookiesAt(fields, path) {
  const cookies = new Map();
  for (const field of fields) {
    const [[name, value], ...attributes] = field.split(";").map(pairOf);
    const own = attributes.map(([attribute, text]) => [\`\${name}/\${attribute.toLowerCase()}\`, text]);
    cookies.set(name, new Map([[name, value], ...own]));
  }
  return [...cookies.values()].filter((cookie) => cookie.has(path)).map((cookie) => cookie.get(path));
}

function pairOf(text) {
  const [name, ...value] = text.split("=");
  return [name.trim(), value.join("=").trim()];
}

function at(json, tokens) {
  let found = [json];
  for (const token of tokens) {
    found = found.flatMap((value) => {
      if (Array.isArray(value)) return token === "*" ? value : Object.hasOwn(value, token) ? [value[token]] : [];
      return (value?.members ?? []).filter(([key]) => key === token).map(([, member]) => member);
    });
  }
  return found;
}

function typeOf(value) {
  if (value === null || Array.isArray(value)) return value === null ? "null" : "array";
  return value.number !== undefined ? "number" : typeof value;
}

function values(fields, lowerName) {
  return fields.filter((_, at) => at % 2 === 1 && fields[at - 1].toLowerCase() === lowerName);
}

function jsonOf(answer) {
  const type = values(answer.headers ?? [], "content-type")[0] ?? "";
  const text = decoded(answer).toString("utf8").replace(/^\\ufeff/, "");
  if (/event-stream|form|ndjson|jsonl|json-seq|grpc/.test(type) || !(/json/.test(type) || /^\\s*[{[]/.test(text))) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return treeOf(text.match(/"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"|[{}[\\]]|[^\\s:,{}[\\]"]+/g));
}

// JSON.parse forgets keys that come twice and rounds numbers: here an object is its members, sorted by name, and a number
// is what is written.
function treeOf(tokens) {
  let next = 0;
  const value = () => {
    const token = tokens[next++];
    if (token === "[") return listUntil("]", value);
    if (token === "{") {
      const members = listUntil("}", () => [JSON.parse(tokens[next++]), value()]);
      return { members: members.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)) };
    }
    return /^[-\\d]/.test(token) ? { number: token } : JSON.parse(token);
  };
  const listUntil = (end, read) => {
    const list = [];
    while (tokens[next] !== end) list.push(read());
    next++;
    return list;
  };
  return value();
}

function decoded({ headers = [], body }) {
  const coding = values(headers, "content-encoding")[0];
  if (body.length === 0) return body;
  if (coding === "gzip") return gunzipSync(body);
  if (coding === "deflate") return inflateSync(body);
  return coding === "br" ? brotliDecompressSync(body) : body;
}

function sendHttp1({ method, path, headers, body, chunked }) {
  const url = new URL(target);
  const bytes = Buffer.from(body ?? "", "base64");
  const framing = chunked ? ["transfer-encoding", "chunked"] : ["content-length", String(bytes.length)];
  const host = values(headers, "host").length > 0 ? [] : ["host", url.host];
  const all = [...host, ...headers, ...(body === undefined ? [] : framing)];
  return new Promise((resolve) => {
    const client = url.protocol === "https:" ? https : http;
    const options = { hostname: url.hostname.replace(/^\\[|\\]$/g, ""), port: url.port, method, path, headers: all, agent: false, ...tls };
    const request = client.request(options, (response) => {
      const pieces = [];
      const done = (complete) => {
        const { statusCode: status, rawHeaders, rawTrailers } = response;
        resolve({ status, headers: rawHeaders, trailers: rawTrailers, body: Buffer.concat(pieces), complete });
      };
      response.on("data", (piece) => pieces.push(piece)).on("error", () => done(false)).on("end", () => done(true));
    });
    request.on("error", (error) => resolve({ status: error.code ?? error.message, body: Buffer.alloc(0) }));
    request.end(bytes);
  });
}

function sendHttp2({ method, path, headers, body }) {
  const session = http2.connect(target, tls);
  return new Promise((resolve) => {
    const failed = (error) => resolve({ status: error.code ?? error.message, body: Buffer.alloc(0) });
    session.on("error", failed);
    const fields = { ":method": method, ":path": path };
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at].toLowerCase();
      if (name === "host") fields[":authority"] = headers[at + 1];
      else if (!name.startsWith(":")) fields[name] = name in fields ? [fields[name], headers[at + 1]].flat() : headers[at + 1];
    }
    if (/^application\\/grpc/.test(fields["content-type"] ?? "")) fields.te = "trailers";
    // Of a GET Node would end the stream by itself, and fail the end below.
    const stream = session.request(fields, { endStream: false });
    const answer = { headers: [], trailers: [], body: Buffer.alloc(0) };
    const pieces = [];
    stream.on("response", (named) => {
      answer.status = named[":status"];
      answer.headers = flat(named);
    });
    stream.on("trailers", (named) => {
      answer.trailers = flat(named);
    });
    stream.on("data", (piece) => pieces.push(piece)).on("error", failed);
    stream.on("close", () => resolve({ ...answer, body: Buffer.concat(pieces), complete: stream.rstCode === 0 }));
    stream.end(Buffer.from(body ?? "", "base64"));
  }).finally(() => session.close());
}

function flat(named) {
  return Object.entries(named).flatMap(([name, value]) =>
    name.startsWith(":") ? [] : [value].flat().flatMap((one) => [name, String(one)]),
  );
}
`;
