import { type Call, type Hop, learnRoutes, readTrees, type TapeReader } from "../../tape/index.js";

/** A call that the stubbed service made when the tape was recorded. */
export interface DownstreamCall {
  /** Of its best sighting, which holds the answer if any does. */
  id: number;
  method: string;
  /** Path and query. */
  path: string;
  authority: string;
  callee: string;
  /** Of the request; what is cut has more than is kept. */
  bodyBytes: number;
  /** Its user request: calls of one recorded tree have one number. */
  tree: number;
  /** Whether the tape holds what it was answered. */
  hasAnswer: boolean;
}

/** All that a service called on a tape. */
export interface Downstream {
  service: string;
  /** In order of their start, as far as one tree goes. */
  calls: readonly DownstreamCall[];
  /** Below one call of the tape, which any of its sightings names; undefined for what is not on the tape. */
  below(exchangeId: number): readonly DownstreamCall[] | undefined;
  /** Hosts that were called, with port where given, and the service behind each. */
  authorities: ReadonlyMap<string, string>;
  routeOf: (method: string, path: string) => string;
}

/**
 * Reads what a service called: the calls below those it received, and calls that name it as their caller. Memory holds
 * them without headers and bodies, and for each call above one of them where it is.
 */
export async function readDownstream(tape: TapeReader, service: string): Promise<Downstream> {
  const reading = new DownstreamReading(service);
  for await (const { roots } of readTrees(tape)) reading.addTree(roots);
  return reading.all();
}

/** A call and what is above it, from the top down. */
interface PlacedHop {
  hop: Hop;
  above: readonly Hop[];
}

class DownstreamReading {
  readonly #service: string;
  readonly #calls: DownstreamCall[] = [];
  readonly #below = new Map<number, DownstreamCall[]>();
  readonly #authorities = new Map<string, string>();
  #trees = 0;

  constructor(service: string) {
    this.#service = service;
  }

  addTree(roots: readonly Hop[]): void {
    const tree = this.#trees++;
    const found: { call: DownstreamCall; above: readonly Hop[]; startedNs: bigint }[] = [];
    const open: PlacedHop[] = roots.map((hop) => ({ hop, above: [] }));
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { hop, above } = next;
      // So that a call without any below it is known to be on the tape.
      for (const { id } of hop.call.sightings) this.#below.set(id, []);
      if (this.#isByService(hop, above.at(-1))) {
        found.push({ call: downstreamCall(hop.call, tree), above, startedNs: hop.call.best.startedNs });
      }
      for (const child of hop.children) open.push({ hop: child, above: [...above, hop] });
    }
    found.sort((a, b) => (a.startedNs < b.startedNs ? -1 : 1));
    for (const { call, above } of found) this.#add(call, above);
  }

  all(): Downstream {
    return {
      service: this.#service,
      calls: this.#calls,
      below: (exchangeId) => this.#below.get(exchangeId),
      authorities: this.#authorities,
      routeOf: learnRoutes(this.#calls),
    };
  }

  #add(call: DownstreamCall, above: readonly Hop[]): void {
    this.#calls.push(call);
    this.#authorities.set(call.authority, call.callee);
    for (const { call: outer } of above) for (const { id } of outer.sightings) this.#below.get(id)!.push(call);
  }

  /** Callers come as `name` or `name.namespace`. */
  #isByService({ call }: Hop, parent: Hop | undefined): boolean {
    if (parent !== undefined && parent.call.best.callee === this.#service) return true;
    return call.sightings.some(({ caller }) => caller === this.#service || caller?.split(".", 1)[0] === this.#service);
  }
}

function downstreamCall({ best }: Call, tree: number): DownstreamCall {
  const { method, path, authority, bodyBytes } = best.request;
  const { kind } = best.answer;
  return {
    id: best.id,
    method,
    path,
    authority,
    callee: best.callee,
    bodyBytes,
    tree,
    hasAnswer: kind === "response" || kind === "failure",
  };
}
