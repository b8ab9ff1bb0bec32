import type { Socket } from "node:net";
import { Upstream } from "../forward/upstream.js";
import { type UpstreamAddress, upstreamAddress } from "../forward/upstream-address.js";
import { hostAndPort, matchesHost, type OutboundRoutes } from "./routes.js";

/** Upstreams that calls have named; beyond so many, those without connections are forgotten. */
const mostNamed = 256;
const everyAddress: ReadonlySet<string> = new Set(["0.0.0.0", "[::]"]);
const thisMachine: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]", ""]);

/** Where a call goes, or why it goes nowhere. */
export type Way = { kind: "upstream"; upstream: Upstream } | NoWay;
export type NoWay = { kind: "no-route" } | { kind: "not-allowed" } | { kind: "loop" };

/** What a call says of its target. */
export interface Named {
  scheme: string;
  authority: string;
  /** It speaks as to a proxy: its own word decides where no route does. */
  isAbsolute: boolean;
}

/** Finds the upstream of each call, and keeps the connections to all of them. */
export class Directory {
  readonly #routes: OutboundRoutes;
  readonly #maxHeaderBytes: number;
  readonly #ownAddress: () => string | undefined;
  readonly #upstreams = new Map<string, Upstream>();

  /** @param ownAddress where the recorder listens for these calls: a call that names it would go round for ever */
  constructor(routes: OutboundRoutes, maxHeaderBytes: number, ownAddress: () => string | undefined) {
    this.#routes = routes;
    this.#maxHeaderBytes = maxHeaderBytes;
    this.#ownAddress = ownAddress;
  }

  find({ scheme, authority, isAbsolute }: Named): Way {
    const { routes, default: rest } = this.#routes;
    const route = routes.find(({ host }) => matchesHost(host, authority));
    if (route !== undefined) return this.#to(route.upstream);
    if (!isAbsolute && rest === undefined) return { kind: "no-route" };
    if (!isAbsolute && rest !== "as-named") return this.#to(rest as UpstreamAddress);
    const url = `${scheme === "https" ? "https" : "http"}://${authority}`;
    if (authority === "" || !URL.canParse(url)) return { kind: "no-route" };
    return this.refusal(authority, scheme === "https" ? 443 : 80) ?? this.#to(upstreamAddress(new URL(url)));
  }

  /** Why a target may not be reached that a call names itself; undefined when it may. */
  refusal(authority: string, defaultPort: number): NoWay | undefined {
    const { host, port } = hostAndPort(authority);
    const own = hostAndPort(this.#ownAddress() ?? "");
    const isOwnHost = thisMachine.has(host.toLowerCase()) || host === own.host;
    if (isOwnHost && Number(port || defaultPort) === Number(own.port)) return { kind: "loop" };
    const named = port === "" ? `${authority}:${defaultPort}` : authority;
    const isAllowed = this.#routes.allow?.some((pattern) => matchesHost(pattern, named)) ?? true;
    return isAllowed ? undefined : { kind: "not-allowed" };
  }

  #to(address: UpstreamAddress): Way {
    const name = `${address.url.origin} ${address.tls?.servername ?? ""}`;
    const known = this.#upstreams.get(name);
    if (known !== undefined) return { kind: "upstream", upstream: known };
    if (this.#upstreams.size >= mostNamed) this.#forgetUnused();
    const upstream = new Upstream(this.guarded(address), this.#maxHeaderBytes);
    this.#upstreams.set(name, upstream);
    return { kind: "upstream", upstream };
  }

  /** Names may lead anywhere, also to ourselves: known when the connection is made. */
  guarded(address: UpstreamAddress): UpstreamAddress {
    return { ...address, leadsBack: (socket) => this.#leadsBack(socket) };
  }

  #leadsBack({ remoteAddress, remotePort, localAddress }: Socket): boolean {
    const { host, port } = hostAndPort(this.#ownAddress() ?? "");
    if (remotePort !== Number(port)) return false;
    return everyAddress.has(host) ? remoteAddress === localAddress : remoteAddress === host.replace(/^\[|\]$/g, "");
  }

  #forgetUnused(): void {
    for (const [name, upstream] of this.#upstreams) {
      if (!upstream.isUnused) continue;
      this.#upstreams.delete(name);
      upstream.close();
    }
  }

  close(): void {
    for (const upstream of this.#upstreams.values()) upstream.close();
  }
}
