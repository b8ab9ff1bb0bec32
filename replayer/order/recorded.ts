import { NumberMap } from "../../base/index.js";
import { type Heap, openHeap } from "../heap.js";
import { oneClock } from "./clocks.js";
import { openGate } from "./gate.js";
import type { OrderKind } from "./order.js";

/**
 * B waits for A if and only if A's recorded answer had surely ended before B was recorded to begin.
 *
 * The tape's starts and ends are walked as one event log: a start sends, an end waits. Starts come in order and each waits
 * for all ends passed before the next is offered, so only recorded ends that lie ahead of the walk are kept: memory grows
 * with the overlap of calls, not with the tape. Each clock's ends have a heap, for what passes them depends on both clocks.
 */
export const recorded: OrderKind = {
  name: "recorded",
  promise:
    "a call waits for every call whose recorded answer had ended before it began; calls without a recorded end (mirror) keep the order of their starts alone",
  start({ clocks = oneClock }) {
    const gate = openGate();
    const endsAhead: { clock: number; ends: Heap<End> }[] = [];
    const byStep = new NumberMap<End>();
    /** Steps whose recorded end the walk has passed and whose Outcome is not known yet. */
    let awaited = 0;

    const endsOf = (clock: number) => {
      let found = endsAhead.find((one) => one.clock === clock);
      if (found === undefined) {
        found = { clock, ends: openHeap((end) => end.endedNs) };
        endsAhead.push(found);
      }
      return found.ends;
    };
    const walkTo = (startedNs: number, to: number) => {
      for (const { clock, ends } of endsAhead) {
        const passedNs = startedNs - clocks.lagNs(clock, to);
        for (let end = ends.peek(); end !== undefined && end.endedNs < passedNs; end = ends.peek()) {
          ends.pop();
          end.passed = true;
          if (!end.final) awaited++;
        }
      }
    };

    return {
      take(step, go) {
        const clock = step.clock ?? 0;
        walkTo(step.startedNs, clock);
        if (step.endedNs !== undefined) {
          const end = { endedNs: step.endedNs, final: false, passed: false };
          endsOf(clock).push(end);
          byStep.set(step.step, end);
        }
        return gate.pass(awaited === 0, go);
      },
      final(step) {
        const end = byStep.get(step.step);
        if (end === undefined) return;
        byStep.delete(step.step);
        end.final = true;
        if (end.passed && --awaited === 0) gate.open();
      },
      letGo: gate.letGo,
    };
  },
};

interface End {
  endedNs: number;
  final: boolean;
  passed: boolean;
}
