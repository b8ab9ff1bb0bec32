import type { Exchange } from "../tape/index.js";
import type { Carry } from "./carry/index.js";
import { type Flight, openFlight } from "./flight.js";
import type { FreshKeys } from "./fresh-keys.js";
import type { Gatherer } from "./gatherer.js";
import { openInterrupt } from "./interrupt.js";
import type { OpenLane } from "./lanes/lanes.js";
import { openObserver } from "./observe.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import { noNeeds } from "./order/causal.js";
import { type Order, type OrderKind, orderKeysOf, orders, type StepNeeds } from "./order/index.js";
import { KeyTable } from "./order/key-table.js";
import { producersOf } from "./order/producers.js";
import { openPacer } from "./pacer.js";
import { openProgress } from "./progress.js";
import type { PlannedTape } from "./read-plan.js";
import { asksForUpgrade, type ReadyStep, readSteps, type StepSource } from "./read-steps.js";
import { openDueWait } from "./until-due.js";

/** What sending stands on. */
export interface Sending {
  plan: PlannedTape;
  lanes: readonly OpenLane[];
  gatherer: Gatherer;
  options: ReplayOptions;
  env: ReplayEnv;
  /** State that follows the live session; absent where nothing is carried. */
  carry?: Carry | undefined;
  /** Absent where those of the tape are sent. */
  keys?: FreshKeys | undefined;
  /** Of a tape that is still being written, in place of those of the plan. */
  followed?: StepSource | undefined;
}

/** What happened while sending, beside what the gatherer took in. */
export interface SentSteps {
  interrupted: boolean;
  /** What tied the Steps to each other, for the certificate of an order that asks for it. */
  keys?: KeyTable;
}

/** (pace → order → rewrite → send → compare)*: the Steps overlap, the reading of them does not. */
export async function sendSteps(sending: Sending): Promise<SentSteps> {
  const { plan, lanes, gatherer, options, env, carry } = sending;
  const kind = orders[options.order];
  const isPaced = options.pace.kind !== "asap";
  const order = kind.start({ concurrency: options.concurrency, isPaced, clocks: plan.clocks });
  const needs = asksFor(kind, carry) ? openNeeds(sending, kind) : undefined;
  const pacer = openPacer(options.pace, env.clock);
  const waiting = openDueWait(env.clock);
  const progress = openProgress(env.clock, plan.steps, env.onProgress);
  const interrupt = openInterrupt(env.signal, lanes);
  const { exchanges, stepOf } = sending.followed ?? readSteps(env.tape, plan);
  const flight = openFlightOf(sending, order, () => progress.tell(gatherer.findings));
  const isOver = () => interrupt.raised || flight.broken;
  const sendable = (exchange: Exchange): ReadyStep | undefined => {
    const isUpgrade = asksForUpgrade(exchange);
    const step = isUpgrade ? undefined : stepOf(exchange);
    if (step !== undefined && !carry?.leavesOut(step.step)) return { step, exchange };
    gatherer.leaveOut(isUpgrade ? "upgrade" : "redacted");
    return undefined;
  };
  const letGo = () => order.letGo();
  env.signal?.addEventListener("abort", letGo, { once: true });
  try {
    for await (const turn of exchanges.turns()) {
      for (const exchange of turn) {
        const ready = sendable(exchange);
        if (ready === undefined) continue;
        const dueMs = pacer.dueMs(ready.step);
        if (dueMs !== undefined && dueMs > env.clock.now()) await waiting.until(dueMs, env.signal);
        const go = () => {
          if (!isOver()) flight.launch(ready, dueMs ?? env.clock.now());
        };
        const held = order.take(ready.step, go, needs?.of(ready));
        if (held !== undefined) await held;
        if (isOver()) break;
      }
      if (isOver()) break;
    }
    await flight.landed();
  } finally {
    env.signal?.removeEventListener("abort", letGo);
    interrupt.close();
    waiting.close();
    gatherer.flush();
    progress.now(gatherer.findings);
  }
  // To be interrupted is how following a tape usually ends: what was sent by then is judged.
  const interrupted = interrupt.raised && (sending.followed === undefined || gatherer.findings.sent === 0);
  return { interrupted, ...(needs === undefined ? {} : { keys: needs.keys }) };
}

function openFlightOf(sending: Sending, order: Order, tell: () => void): Flight {
  const { lanes, gatherer, options, carry, keys } = sending;
  const observe = openObserver(sending);
  return openFlight(
    lanes,
    {
      landed: (step) => {
        order.final(step.step);
        gatherer.landed(step);
        observe?.(step);
        tell();
      },
      unsendable: (ready) => {
        order.final(ready.step);
        gatherer.leaveOut("unsendable");
      },
      blocked: (step) => {
        order.final(step.step);
        if (step.sent.some((one) => one !== undefined)) gatherer.landed(step);
        else gatherer.leaveOut("blocked");
      },
      broke: () => order.letGo(),
    },
    { stepTimeoutMs: options.stepTimeoutMs, carry, keys },
  );
}

function asksFor({ asksForNeeds }: OrderKind, carry: Carry | undefined): boolean {
  return asksForNeeds === true || (asksForNeeds === "producers" && carry !== undefined);
}

/** What each Step is tied to others by, worked out as it is read. */
function openNeeds(
  { plan, carry, options }: Sending,
  { asksForNeeds }: OrderKind,
): { of(ready: ReadyStep): StepNeeds; keys: KeyTable } {
  const keys = new KeyTable(plan.steps.length);
  const producers = producersOf(carry);
  const writing = { hasWrites: options.allowWrites };
  const keysOf = asksForNeeds === true ? (exchange: Exchange) => orderKeysOf(exchange, writing) : () => noNeeds.keys;
  return {
    keys,
    of({ step, exchange }) {
      const needs = { keys: keysOf(exchange), producers: producers(step.step), bytes: bytesOf(exchange) };
      keys.add(step.step, needs.keys, needs.producers);
      return needs;
    },
  };
}

function bytesOf({ request, answer }: ReadyStep["exchange"]): number {
  const answered = answer.kind === "response" && "bytes" in answer.body ? answer.body.bytes.length : 0;
  return answered + ("bytes" in request.body ? request.body.bytes.length : 0);
}
