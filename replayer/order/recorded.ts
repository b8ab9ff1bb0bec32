import { openHeap } from "../heap.js";
import { openGate } from "./gate.js";
import type { OrderKind } from "./order.js";

/**
 * B waits for A if and only if A's recorded answer had ended before B was recorded to begin.
 *
 * The tape's starts and ends are walked as one event log: a start sends, an end waits. Starts come in order, so what
 * has to be final before B has to be final before everything after B too, and only recorded ends that lie ahead of the
 * walk are kept: memory grows with the overlap of calls, not with the tape.
 */
export const recorded: OrderKind = {
  name: "recorded",
  promise:
    "a call waits for every call whose recorded answer had ended before it began; calls without a recorded end (mirror) keep the order of their starts alone",
  start() {
    const gate = openGate();
    const endsAhead = openHeap<End>((end) => end.endedNs);
    const byStep = new Map<number, End>();
    /** Steps whose recorded end the walk has passed and whose Outcome is not known yet. */
    let awaited = 0;

    const walkTo = (startedNs: number) => {
      for (let end = endsAhead.peek(); end !== undefined && end.endedNs < startedNs; end = endsAhead.peek()) {
        endsAhead.pop();
        end.passed = true;
        if (!end.final) awaited++;
      }
    };

    return {
      take(step, go) {
        walkTo(step.startedNs);
        if (step.endedNs !== undefined) {
          const end = { endedNs: step.endedNs, final: false, passed: false };
          endsAhead.push(end);
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
    };
  },
};

interface End {
  endedNs: number;
  final: boolean;
  passed: boolean;
}
