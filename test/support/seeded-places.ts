import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { zstdStore } from "../../message/zstd.js";
import { grpcFrame } from "./grpc.js";
import { type SecretKind, type SeededSecret, secretKinds } from "./secrets.js";

/** What of a message a place fills. */
export interface SeededMessage {
  path?: string;
  /** Flat: name, value, name, value. */
  headers?: string[];
  trailers?: string[];
  body?: Buffer;
}

/** Seeds secrets, all in one place. */
export type SeedPlace = (make: (kind: SecretKind) => SeededSecret) => SeededMessage;

const told = secretKinds.filter((kind) => kind !== "named");
/** What fits on one line. */
const onOneLine = told.filter((kind) => kind !== "pem");
/** What begins in a way that is no accident, in any bytes. */
const literal = onOneLine.filter((kind) => !/card|iban|email|phone|url-password/.test(kind));

type Make = Parameters<SeedPlace>[0];

/** Each kind under an innocent name, and a secret of no form under telling ones. */
function fields(make: Make): Record<string, string> {
  return Object.fromEntries([
    ...told.map((kind, at) => [`note${at}`, `see ${make(kind).value} there`]),
    ["password", make("named").value],
    ["api_key", make("named").value],
  ]);
}

function lines(make: Make, kinds: readonly SecretKind[] = told): string {
  const free = kinds.map((kind) => `line with ${make(kind).value} in it`);
  return [...free, `password=${make("named").value}`, `token: "${make("named").value}" and more`].join("\n");
}

function typed(type: string, body: string | Buffer, more: readonly string[] = []): SeededMessage {
  return { headers: ["content-type", type, ...more], body: Buffer.from(body as string) };
}

const json = (value: unknown) => typed("application/json", JSON.stringify(value));

/** A tag, a length and what it is of, below 16384 bytes. */
function lengthDelimited(field: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value as string);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
}

function protobuf(make: Make): Buffer {
  const inner = told.map((kind, at) => lengthDelimited((at % 15) + 1, `see ${make(kind).value} there`));
  const deep = lengthDelimited(2, lengthDelimited(3, make("jwt").value));
  return Buffer.concat([Buffer.from([0x08, 0x2a]), ...inner.map((field) => lengthDelimited(1, field)), deep]);
}

function multipart(make: Make): string {
  const part = (head: string, body: string) =>
    `--b0undary\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  return [
    ...told.map((kind, at) => part(`name="note${at}"`, make(kind).value)),
    part('name="password"', make("named").value),
    part(`name="file"; filename="${make("email").value}"\r\nContent-Type: text/plain`, lines(make)),
    part('name="data"\r\nContent-Type: application/json', JSON.stringify(fields(make))),
    "--b0undary--\r\n",
  ].join("");
}

function markup(make: Make, root: string): string {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const texts = told.map((kind) => `<note kind="${escaped(make(kind).value)}">see ${escaped(make(kind).value)}</note>`);
  return `<${root}>${texts.join("\n")}<wsse:Password>${make("named").value}</wsse:Password>
<input name="csrf_token" type="hidden" value="${make("named").value}"><!-- ${make("github").value} -->
<![CDATA[${make("stripe").value}]]><script>var cfg = {"apiKey": "${make("named").value}"};</script></${root}>`;
}

/** Every ASCII letter of a kind of secret written as an escape. */
function escapedJson(make: Make): string {
  const escaped = (text: string) =>
    Array.from(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  const members = onOneLine.map((kind, at) => `"note${at}":"${escaped(make(kind).value)}"`);
  return `{${members.join(",")},"${escaped("password")}":"${escaped(make("named").value)}"}`;
}

const compressed: Record<string, (bytes: Buffer) => Uint8Array> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  zstd: zstdStore,
};

/** Places that a request and an answer have alike. */
export const bodyPlaces: Record<string, SeedPlace> = {
  "JSON values": (make) => json(fields(make)),
  "JSON numbers and nesting": (make) =>
    typed("application/json", `{"list":[[{"pan":${make("card").value}}]],"auth":{"deep":["${make("named").value}"]}}`),
  "JSON in a string in JSON": (make) => json({ payload: JSON.stringify({ inner: JSON.stringify(fields(make)) }) }),
  "JSON with escapes": (make) => typed("application/json", escapedJson(make)),
  "JSON with escaped slashes": (make) => typed("application/json", JSON.stringify(fields(make)).replaceAll("/", "\\/")),
  "JSON lines": (make) =>
    typed("application/x-ndjson", `${JSON.stringify(fields(make))}\n${JSON.stringify(fields(make))}\n`),
  "JSON without a type": (make) => ({ body: Buffer.from(JSON.stringify(fields(make))) }),
  "a form": (make) => typed("application/x-www-form-urlencoded", new URLSearchParams(fields(make)).toString()),
  multipart: (make) => typed("multipart/form-data; boundary=b0undary", multipart(make)),
  XML: (make) => typed("application/soap+xml", markup(make, "soap:Envelope")),
  HTML: (make) => typed("text/html; charset=utf-8", markup(make, "html")),
  text: (make) => typed("text/plain", lines(make)),
  CSV: (make) => typed("text/csv", onOneLine.map((kind) => `1,${make(kind).value},"x"`).join("\r\n")),
  "a script": (make) => typed("application/javascript", `const x = '${make("github").value}';\n${lines(make)}`),
  "bytes of no known kind": (make) =>
    typed(
      "application/octet-stream",
      Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(lines(make, literal).split("\npassword")[0]!)]),
    ),
  events: (make) =>
    typed(
      "text/event-stream",
      `id: ${make("email").value}\ndata: ${JSON.stringify(fields(make))}\n\n: ${make("aws").value}\ndata: ${lines(make, onOneLine).replaceAll("\n", "\ndata: ")}\n\ndata: {"token":\ndata: "${make("named").value}"}\n\n`,
    ),
  gRPC: (make) => typed("application/grpc", Buffer.concat([grpcFrame(protobuf(make)), grpcFrame(protobuf(make))])),
  "compressed gRPC": (make) => {
    const frame = grpcFrame(gzipSync(protobuf(make)));
    frame[0] = 1;
    return typed("application/grpc+proto", frame, ["grpc-encoding", "gzip"]);
  },
  "gRPC with JSON": (make) => typed("application/grpc+json", grpcFrame(Buffer.from(JSON.stringify(fields(make))))),
  "gRPC-Web": (make) => {
    const trailers = grpcFrame(Buffer.from(`grpc-message: ${make("email").value}\r\n`));
    trailers[0] = 0x80;
    return typed("application/grpc-web+proto", Buffer.concat([grpcFrame(protobuf(make)), trailers]));
  },
  "gRPC-Web as text": (make) =>
    typed(
      "application/grpc-web-text",
      grpcFrame(protobuf(make)).toString("base64") + grpcFrame(protobuf(make)).toString("base64"),
    ),
  "Protocol Buffers": (make) => typed("application/x-protobuf", protobuf(make)),
  "text as UTF-16": (make) => typed("text/plain; charset=utf-16le", Buffer.from(lines(make), "utf16le")),
  "text as UTF-16 without a word": (make) =>
    typed("application/json", Buffer.from(JSON.stringify(fields(make)), "utf16le")),
  ...Object.fromEntries(
    Object.entries(compressed).map(([coding, compress]): [string, SeedPlace] => [
      `JSON in ${coding}`,
      (make) =>
        typed("application/json", Buffer.from(compress(Buffer.from(JSON.stringify(fields(make))))), [
          "content-encoding",
          coding,
        ]),
    ]),
  ),
  "JSON in two codings": (make) =>
    typed("application/json", brotliCompressSync(gzipSync(JSON.stringify(fields(make)))), [
      "content-encoding",
      "gzip, br",
    ]),
  "a coding that is not known": (make) =>
    typed("application/json", Buffer.from(JSON.stringify(fields(make))), ["content-encoding", "x-unknown"]),
};

/** Places in headers; both kinds of message have them. */
export const headerPlaces: Record<string, SeedPlace> = {
  "headers of any name": (make) => ({
    headers: onOneLine.flatMap((kind, at) => [`x-note-${at}`, `see ${make(kind).value}`]),
  }),
  "headers with telling names": (make) => ({
    headers: [
      "x-api-key",
      make("named").value,
      "X-Auth-Token",
      make("named").value,
      "x-user-password",
      make("named").value,
    ],
  }),
  trailers: (make) => ({
    headers: ["content-type", "text/plain"],
    body: Buffer.from("x"),
    trailers: [...onOneLine.flatMap((kind, at) => [`x-note-${at}`, make(kind).value]), "x-token", make("named").value],
  }),
};

/** Places that only requests have. */
export const requestPlaces: Record<string, SeedPlace> = {
  "the query": (make) => ({ path: `/find?${new URLSearchParams(fields(make)).toString()}` }),
  "the query, as it is": (make) => ({
    path: `/find?token=${make("named").value}&q=${make("github").value}&user[password]=${make("named").value}#id_token=${make("jwt").value}`,
  }),
  "a URL in the query": (make) => ({
    path: `/go?to=${encodeURIComponent(`https://shop.example/cb?access_token=${make("named").value}&m=${make("email").value}`)}`,
  }),
  "JSON in the query": (make) => ({ path: `/find?filter=${encodeURIComponent(JSON.stringify(fields(make)))}` }),
  "the path": (make) => ({
    path:
      onOneLine.map((kind) => `/${encodeURIComponent(make(kind).value)}`).join("") +
      `/reset-token/${make("named").value}/end`,
  }),
  "path parameters": (make) => ({ path: `/cart;jsessionid=${make("named").value}/list;token=${make("named").value}` }),
  credentials: (make) => ({
    headers: ["Authorization", make("bearer").value, "proxy-authorization", make("basic").value],
  }),
  cookies: (make) => ({
    headers: [
      "cookie",
      `sid=${make("named").value}; theme="${make("named").value}"`,
      "Cookie",
      `jwt=${make("jwt").value}`,
    ],
  }),
  "what proxies add": (make) => ({
    headers: [
      ...["x-forwarded-for", `${make("email").value}, 10.1.2.3`, "forwarded", `for="${make("email").value}"`],
      ...["x-forwarded-client-cert", `By=spiffe://a;Subject="emailAddress=${make("email").value}"`],
      ...["x-envoy-original-path", `/a?pwd=${make("named").value}`, "x-original-url", `/b/${make("github").value}`],
      ...[
        "referer",
        `https://shop.example/${make("jwt").value}?session=${make("named").value}`,
        "from",
        make("email").value,
      ],
      ...[
        "user-agent",
        `bot/1 (${make("email").value})`,
        "baggage",
        `user=${make("email").value},token=${make("named").value}`,
      ],
    ],
  }),
};

/** Places that only answers have. */
export const answerPlaces: Record<string, SeedPlace> = {
  "set-cookie": (make) => ({
    headers: ["set-cookie", `sid=${make("named").value}; Path=/; HttpOnly`, "Set-Cookie", `t="${make("jwt").value}"`],
  }),
  "links and redirects": (make) => ({
    headers: [
      ...["location", `https://u:${make("named").value}@shop.example/cb?code=1#access_token=${make("named").value}`],
      ...["link", `<https://shop.example/${make("github").value}?page=2&api_key=${make("named").value}>; rel="next"`],
      ...["refresh", `5; url=/next?token=${make("named").value}`, "content-location", `/x/${make("email").value}`],
    ],
  }),
};
