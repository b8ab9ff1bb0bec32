import { type HeaderList, headerListFromRaw, isGrpcType, mediaType } from "../../message/index.js";
import type { Exchange } from "../../tape/index.js";
import { choose, type LiveRequest } from "./choose.js";
import type { TakeRequest } from "./doors.js";
import type { Downstream, DownstreamCall } from "./downstream.js";
import { type LiveTree, LiveTrees } from "./live-trees.js";
import { type AnyResponse, respond, respondMissed } from "./respond.js";
import type { StubEnv, StubOptions } from "./stub.js";
import { StubTally } from "./tally.js";

/** Bodies of requests beyond this are not compared; they are read to their end. */
const mostBodyBytes = 64 * 2 ** 20;

/** What stands between a request and its answer. */
export class Answering {
  readonly tally: StubTally;
  readonly trees: LiveTrees;
  readonly #options: StubOptions;
  readonly #env: StubEnv;
  readonly #downstream: Downstream;
  readonly #byLine = new Map<string, DownstreamCall[]>();
  /** Calls are chosen for one after the other, so that the n-th is the n-th. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: StubOptions, env: StubEnv, downstream: Downstream) {
    this.#options = options;
    this.#env = env;
    this.#downstream = downstream;
    this.tally = new StubTally(options.service);
    this.trees = new LiveTrees(downstream);
    for (const call of downstream.calls) {
      const key = lineOf(call);
      const known = this.#byLine.get(key);
      if (known === undefined) this.#byLine.set(key, [call]);
      else known.push(call);
    }
  }

  /** `authority`: of a port that stands for one. */
  taker(authority?: string): TakeRequest {
    return (request, response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      request.on("data", (piece: Buffer) => {
        bytes += piece.length;
        if (bytes <= mostBodyBytes) pieces.push(piece);
      });
      request.on("error", () => {});
      request.on("end", () => {
        const live = liveRequest(request, Buffer.concat(pieces), authority);
        this.#answer(live, headerListFromRaw(request.rawHeaders), response).catch(() => response.destroy());
      });
    };
  }

  async #answer(live: LiveRequest, headers: HeaderList, response: AnyResponse): Promise<void> {
    const chosen = this.#last.then(() => this.#choose(live, headers));
    this.#last = chosen.catch(() => {});
    const found = await chosen;
    if ("exchange" in found) {
      this.tally.served(found.inferred);
      await respond(found.exchange, response, this.#options, this.#env.clock);
      return;
    }
    this.#miss(live, found.why, headers, response);
  }

  #miss({ method, path, authority }: LiveRequest, why: string, headers: HeaderList, response: AnyResponse): void {
    const callee = this.#downstream.authorities.get(authority) ?? (authority || "(unknown host)");
    const miss = { callee, route: this.#downstream.routeOf(method, path), why, example: `${method} ${path}` };
    this.tally.missed(miss);
    this.#env.onMiss?.(miss);
    respondMissed(response, `${miss.example} to ${callee}: ${why}`, isGrpcType(mediaType(headers)?.essence ?? ""));
  }

  async #choose(live: LiveRequest, headers: HeaderList): Promise<Found> {
    const tree = this.trees.of(headers);
    const choice = await choose(live, {
      own: tree.own,
      elsewhere: this.#elsewhere(live, tree),
      usedHere: tree.used,
      usedInLane: tree.lane.used,
      routeOf: this.#downstream.routeOf,
      hasBody: (call, body) => this.#hasBody(call, body),
    });
    if (choice.kind === "none") return { why: choice.why };
    const exchange = await this.#env.tape.find(choice.call.id);
    const why = exchange === undefined ? "the tape has no answer to it" : unanswerable(exchange, this.#options);
    if (exchange === undefined || why !== undefined) return { why: why! };
    this.trees.bind(tree, choice.call);
    return { exchange, inferred: choice.inferred };
  }

  /** A live tree that is none yet looks first among the recorded ones that no other is. */
  #elsewhere(live: LiveRequest, { own, isKnown, lane }: LiveTree): readonly DownstreamCall[] {
    const all = this.#byLine.get(lineOf(live)) ?? [];
    if (own !== undefined || !isKnown || lane.bound.size === 0) return all;
    const free = all.filter((call) => !lane.bound.has(call.tree));
    return free.length === 0 ? all : free;
  }

  async #hasBody({ id, bodyBytes }: DownstreamCall, body: Uint8Array): Promise<boolean> {
    if (bodyBytes !== body.length) return false;
    if (bodyBytes === 0) return true;
    const recorded = (await this.#env.tape.find(id))?.request.body;
    return recorded?.kind === "whole" && Buffer.compare(recorded.bytes, body) === 0;
  }
}

/** What a call is answered with. */
type Found = { exchange: Exchange; inferred: boolean } | { why: string };

/** Why an answer that is on the tape cannot be given; undefined where it can. */
function unanswerable({ answer }: Exchange, { failures }: StubOptions): string | undefined {
  if (answer.kind === "failure") return failures === "missed" ? `recorded as ${answer.reason}` : undefined;
  if (answer.kind !== "response") return "the tape has no answer to it";
  const { kind } = answer.body;
  if (answer.end === "complete" && (kind === "cut" || kind === "unredactable"))
    return "its answer is not whole on the tape";
  return answer.status === 101 ? "it changed the protocol" : undefined;
}

function lineOf({ method, path }: Pick<LiveRequest, "method" | "path">): string {
  return `${method} ${path}`;
}

/** An absolute target (RFC 9112, section 3.2.2) is what a proxy is asked with. */
function liveRequest(
  request: Parameters<TakeRequest>[0],
  body: Uint8Array,
  authority: string | undefined,
): LiveRequest {
  const url = request.url ?? "/";
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/i.exec(url);
  const path = absolute === null ? url : absolute[2]!.startsWith("/") ? absolute[2]! : `/${absolute[2]}`;
  const named = absolute?.[1] ?? ("authority" in request ? request.authority : request.headers.host) ?? "";
  // Who only knows the stub's own address has named nobody.
  const isOwn = named.endsWith(`:${request.socket.localPort}`);
  return { method: request.method ?? "GET", path, authority: authority ?? (isOwn ? "" : named), body };
}
