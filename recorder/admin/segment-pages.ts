import { createHash, timingSafeEqual } from "node:crypto";
import { createReadStream } from "node:fs";
import type http from "node:http";
import { pipeline } from "node:stream/promises";
import { reasonOf } from "../../base/index.js";
import { type SealedSegment, SealedSegments } from "../../tape/index.js";

/** What may be pulled from a recorder, and by whom. */
export interface PullOptions {
  /** The tape; undefined where it is one file, which is never sealed. */
  folder?: string;
  /** Asked for as `Authorization: Bearer …`. Without one only an admin port on loopback serves segments. */
  token?: string;
}

/** What `GET /tape/segments` gives of each: pulled with `GET /tape/segments/ID` (and a Range), checked with `…/ID/sha256`. */
export type OfferedSegment = Omit<SealedSegment, "path">;

type Answer = { status: number; text: string };

/**
 * The pages under `/tape/`, by which another machine copies the sealed segments of this recorder's tape and has the open one
 * sealed. What they serve is looked up in the list of the folder's segments; no part of a request is used as a path.
 */
export class SegmentPages {
  readonly #pull: PullOptions;
  readonly #segments: SealedSegments | undefined;
  readonly #seal: () => Promise<void>;
  readonly #hashes = new Map<string, Promise<string>>();

  constructor(pull: PullOptions, seal: () => Promise<void>) {
    this.#pull = pull;
    this.#segments = pull.folder === undefined ? undefined : new SealedSegments(pull.folder);
    this.#seal = seal;
  }

  /** `listen`: where the admin port really is. Never rejects. */
  async serve(request: http.IncomingMessage, response: http.ServerResponse, listen: string): Promise<void> {
    try {
      const refused = this.#refusal(request, listen);
      if (refused) return end(response, refused);
      await this.#serve(request, response);
    } catch (thrown) {
      if (response.headersSent) response.destroy();
      else end(response, { status: 500, text: reasonOf(thrown) });
    }
  }

  #refusal({ headers }: http.IncomingMessage, listen: string): Answer | undefined {
    const { token } = this.#pull;
    // A page in somebody's browser is no puller: it would come with an Origin, or with a name that was made to lead here.
    if (headers.origin !== undefined) return { status: 403, text: "not for pages in browsers" };
    if (token !== undefined) {
      const given = /^Bearer +(.+)$/i.exec(headers.authorization ?? "")?.[1];
      return given !== undefined && isSame(given, token)
        ? undefined
        : { status: 401, text: "this needs the admin token" };
    }
    if (!isLoopback(listen)) return { status: 403, text: "off loopback this needs --admin-token; set one to pull" };
    return isLoopback(headers.host ?? "") ? undefined : { status: 403, text: "ask by 127.0.0.1, or set --admin-token" };
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0]!;
    if (!this.#segments) {
      return end(response, {
        status: 409,
        text: "this recorder writes one file; only a folder's segments can be pulled",
      });
    }
    if (path === "/tape/seal" && request.method === "POST") {
      await this.#seal();
      return end(response, { status: 200, text: "sealed" });
    }
    const all = await this.#segments.list();
    if (path === "/tape/segments") return json(response, { segments: all.map(offered) });
    const [, id, wantsHash] = /^\/tape\/segments\/([0-9a-f]{16})(\/sha256)?$/.exec(path) ?? [];
    const segment = all.find((one) => one.id === id);
    if (!segment) return end(response, { status: 404, text: "no such segment; see /tape/segments" });
    if (wantsHash) return end(response, { status: 200, text: await this.#hash(segment) });
    await send(segment, request.headers.range, response);
  }

  /** Made when it is asked for, once: a sealed segment does not change. */
  #hash(segment: SealedSegment): Promise<string> {
    const known = this.#hashes.get(segment.id);
    if (known) return known;
    const made = hashOf(segment.path);
    made.catch(() => this.#hashes.delete(segment.id));
    this.#hashes.set(segment.id, made);
    return made;
  }
}

function offered({ path: _, ...offer }: SealedSegment): OfferedSegment {
  return offer;
}

/** A part of it from `bytes=N-` on, as who was interrupted asks for it; else all. */
async function send(segment: SealedSegment, range: string | undefined, response: http.ServerResponse): Promise<void> {
  const from = Number(/^bytes=(\d{1,15})-$/.exec(range ?? "")?.[1] ?? 0);
  if (from >= segment.bytes) {
    response.setHeader("content-range", `bytes */${segment.bytes}`);
    return end(response, { status: 416, text: "nothing is left" });
  }
  response.setHeader("content-type", "application/vnd.sqlite3");
  response.setHeader("content-length", segment.bytes - from);
  if (from > 0) response.setHeader("content-range", `bytes ${from}-${segment.bytes - 1}/${segment.bytes}`);
  response.writeHead(from > 0 ? 206 : 200);
  // Small pieces: this shares its thread with the traffic.
  await pipeline(
    createReadStream(segment.path, { start: from, end: segment.bytes - 1, highWaterMark: 64 * 1024 }),
    response,
  );
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 64 * 1024 })) hash.update(piece as Buffer);
  return hash.digest("hex");
}

function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/i.test(address);
}

function end(response: http.ServerResponse, { status, text }: Answer): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}

function json(response: http.ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(value)}\n`);
}
