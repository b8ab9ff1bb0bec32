import { replayMarks } from "../../base/index.js";
import { allValues, firstValue, type HeaderList } from "../../message/index.js";
import { type IdentityMaker, identityMaker } from "../identity.js";
import type { StepList } from "../step.js";
import type { Downstream, DownstreamCall } from "./downstream.js";

/** The run whose calls come in, where the stub is part of it. */
export interface StubbedRun {
  run: string;
  lanes: readonly string[];
  /** By their index in the run. */
  steps: Pick<StepList, "length" | "at">;
}

/** All live calls of one user request, or of one Step in one lane. */
export interface LiveTree {
  /** The recorded calls they may be; undefined until it is known. */
  own: readonly DownstreamCall[] | undefined;
  readonly used: Set<DownstreamCall>;
  /** It is known by something, so its calls can be told from others'. */
  readonly isKnown: boolean;
  readonly lane: LiveLane;
}

/** What was given in one lane of one run, or to who named none. */
export interface LiveLane {
  /** Recorded calls that were answered with. */
  readonly used: Set<DownstreamCall>;
  /** Recorded trees that a live one was found to be. */
  readonly bound: Set<number>;
}

/** More live trees than this are not told apart for longer: the oldest is forgotten. */
const mostTrees = 100_000;

/** Tells which live calls belong together, and to which recorded tree. */
export class LiveTrees {
  readonly #downstream: Downstream;
  readonly #trees = new Map<string, LiveTree>();
  readonly #lanes = new Map<string, LiveLane>();
  readonly #byTree = new Map<number, DownstreamCall[]>();
  #run: StubbedRun | undefined;
  #steps: ReadonlyMap<string, { lane: string; step: number }> | undefined;

  constructor(downstream: Downstream) {
    this.#downstream = downstream;
    for (const call of downstream.calls) {
      const known = this.#byTree.get(call.tree);
      if (known === undefined) this.#byTree.set(call.tree, [call]);
      else known.push(call);
    }
  }

  /** From now on calls are of this run. */
  begin(run: StubbedRun): void {
    this.#run = run;
    this.#steps = undefined;
  }

  /** The tree of a call, by our marks in its headers or `baggage`, else by its trace. */
  of(headers: HeaderList): LiveTree {
    const mark = this.#markOf(headers);
    const key = mark?.key ?? traceOf(headers);
    const known = key === undefined ? undefined : this.#trees.get(key);
    if (known !== undefined) return known;
    const own = mark?.exchangeId === undefined ? undefined : this.#downstream.below(mark.exchangeId);
    const lane = this.#laneOf(mark === undefined ? "" : `${mark.run} ${mark.lane}`);
    const tree: LiveTree = { own, used: new Set(), isKnown: key !== undefined, lane };
    if (key !== undefined) this.#remember(key, tree);
    return tree;
  }

  /** A tree that was not known belongs where the first of its calls was found. */
  bind(tree: LiveTree, call: DownstreamCall): void {
    if (tree.own !== undefined || !tree.isKnown) return;
    tree.own = this.#byTree.get(call.tree)!;
    tree.used.add(call);
    tree.lane.bound.add(call.tree);
  }

  #laneOf(name: string): LiveLane {
    const lane = this.#lanes.get(name) ?? { used: new Set(), bound: new Set() };
    this.#lanes.set(name, lane);
    return lane;
  }

  #remember(key: string, tree: LiveTree): void {
    if (this.#trees.size >= mostTrees) this.#trees.delete(this.#trees.keys().next().value!);
    this.#trees.set(key, tree);
  }

  #markOf(headers: HeaderList): { key: string; run: string; lane: string; exchangeId?: number } | undefined {
    const members = new Map(allValues(headers, "baggage").flatMap(membersOf));
    const mark = (name: keyof typeof replayMarks) =>
      firstValue(headers, replayMarks[name]) ?? members.get(`tapeloop.${name}`);
    const [run, step, lane] = [mark("run"), mark("step"), mark("lane")];
    const found =
      run !== undefined && step !== undefined && lane !== undefined
        ? { run, step: Number(step), lane }
        : this.#byIdentity(headers);
    if (found === undefined) return undefined;
    const key = `${found.run} ${found.lane} ${found.step}`;
    const exchangeId = found.run === this.#run?.run ? this.#run.steps.at(found.step)?.exchangeId : undefined;
    const own = { key, run: found.run, lane: found.lane };
    return exchangeId === undefined ? own : { ...own, exchangeId };
  }

  /** Services that forward their trace, but neither our fields nor `baggage`: the trace follows from run, lane and Step. */
  #byIdentity(headers: HeaderList): { run: string; step: number; lane: string } | undefined {
    if (this.#run === undefined) return undefined;
    const trace = traceOf(headers);
    this.#steps ??= stepsByTrace(this.#run);
    const found = trace === undefined ? undefined : this.#steps.get(trace);
    return found && { run: this.#run.run, ...found };
  }
}

function stepsByTrace({ run, lanes, steps: { length } }: StubbedRun): Map<string, { lane: string; step: number }> {
  const steps = new Map<string, { lane: string; step: number }>();
  for (const lane of lanes) {
    const identityOf: IdentityMaker = identityMaker({ run, lane });
    for (let step = 0; step < length; step++) {
      const { traceId, requestId } = identityOf(step);
      steps.set(traceId, { lane, step }).set(requestId, { lane, step });
    }
  }
  return steps;
}

/** The trace id of `traceparent` or B3, else the request id. */
function traceOf(headers: HeaderList): string | undefined {
  const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-/i.exec(firstValue(headers, "traceparent") ?? "")?.[1];
  const b3 = firstValue(headers, "x-b3-traceid") ?? /^([0-9a-f]{32})-/i.exec(firstValue(headers, "b3") ?? "")?.[1];
  return (traceparent ?? b3)?.toLowerCase() ?? firstValue(headers, "x-request-id");
}

/** Properties after `;` say nothing to us. */
function membersOf(baggage: string): [name: string, value: string][] {
  return baggage.split(",").map((member) => {
    const [name = "", value = ""] = member.split(";", 1)[0]!.split("=", 2);
    return [name.trim(), value.trim()];
  });
}
