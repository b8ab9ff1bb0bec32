import http2 from "node:http2";
import type { TestContext } from "node:test";
import type protobuf from "protobufjs";
import { accessLogsMessage, framed, processingRequest } from "./protos.js";

type Fields = readonly (readonly [name: string, value: string])[];

/** One stream to a recorder, as an Envoy opens it. */
export class TellingStream {
  readonly #stream: http2.ClientHttp2Stream;
  readonly #type: protobuf.Type;

  constructor(stream: http2.ClientHttp2Stream, type: protobuf.Type) {
    this.#stream = stream.on("error", () => {});
    this.#type = type;
  }

  /** Writes messages, each whole or in pieces of so many bytes. */
  tell(messages: readonly object[], pieceBytes = Number.POSITIVE_INFINITY): this {
    for (const message of messages) {
      const bytes = framed(this.#type, message);
      for (let at = 0; at < bytes.length; at += pieceBytes) this.#stream.write(bytes.subarray(at, at + pieceBytes));
    }
    return this;
  }

  write(bytes: Buffer): this {
    this.#stream.write(bytes);
    return this;
  }

  /** As Envoy does when a call is over, and some time has passed: an end, and a reset at once. */
  close(): void {
    this.#stream.end(() => this.#stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
  }

  reset(): void {
    this.#stream.close(http2.constants.NGHTTP2_CANCEL);
  }
}

/** A connection of an Envoy to a recorder. */
export class TellingClient {
  readonly #session: http2.ClientHttp2Session;

  /** @param ca within TLS, of who signed the recorder's certificate */
  constructor(t: TestContext, port: number, ca?: string) {
    const session =
      ca === undefined ? http2.connect(`http://127.0.0.1:${port}`) : http2.connect(`https://127.0.0.1:${port}`, { ca });
    this.#session = session.on("error", () => {});
    t.after(() => this.#session.destroy());
  }

  processor(metadata: http2.OutgoingHttpHeaders = {}): TellingStream {
    return new TellingStream(
      this.#open("/envoy.service.ext_proc.v3.ExternalProcessor/Process", metadata),
      processingRequest,
    );
  }

  accessLog(): TellingStream {
    return new TellingStream(
      this.#open("/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs", {}),
      accessLogsMessage,
    );
  }

  /** Any path, to its answer's fields. */
  ask(path: string): Promise<http2.IncomingHttpHeaders> {
    const stream = this.#open(path, {});
    return new Promise((resolve, reject) => {
      stream.on("response", (fields) => resolve(fields)).on("error", reject);
      stream.resume().end();
    });
  }

  destroy(): void {
    this.#session.destroy();
  }

  #open(path: string, metadata: http2.OutgoingHttpHeaders): http2.ClientHttp2Stream {
    const fields = { "content-type": "application/grpc", te: "trailers" };
    return this.#session.request({ ":method": "POST", ":path": path, ...fields, ...metadata });
  }
}

const filter = "envoy.filters.http.ext_proc";

/** The messages of recorder/proto/external_processor.proto, as Envoy writes them. */
export const says = {
  requestHeaders: (fields: Fields, ends: boolean, attributes: Record<string, string | number> = {}) => ({
    requestHeaders: { headers: headerMap(fields), endOfStream: ends },
    attributes: { [filter]: struct(attributes) },
    observabilityMode: true,
  }),
  responseHeaders: (fields: Fields, ends: boolean, attributes: Record<string, string | number> = {}) => ({
    responseHeaders: { headers: headerMap(fields), endOfStream: ends },
    attributes: { [filter]: struct(attributes) },
    observabilityMode: true,
  }),
  requestBody: (text: string, ends = false) => ({ requestBody: { body: Buffer.from(text), endOfStream: ends } }),
  responseBody: (text: string, ends = false) => ({ responseBody: { body: Buffer.from(text), endOfStream: ends } }),
  requestTrailers: (fields: Fields) => ({ requestTrailers: { trailers: headerMap(fields) } }),
  responseTrailers: (fields: Fields) => ({ responseTrailers: { trailers: headerMap(fields) } }),
};

function headerMap(fields: Fields): object {
  return { headers: fields.map(([key, value]) => ({ key, rawValue: Buffer.from(value, "latin1") })) };
}

function struct(values: Record<string, string | number>): object {
  const fields = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "number" ? { numberValue: value } : { stringValue: value },
  ]);
  return { fields: Object.fromEntries(fields) };
}
