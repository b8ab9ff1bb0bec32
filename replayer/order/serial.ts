import { openGate } from "./gate.js";
import type { OrderKind } from "./order.js";

/** One in flight, in tape order. */
export const serial: OrderKind = {
  name: "serial",
  promise: "each call waits until the one before it is answered; answers that never ended on the tape hold nobody back",
  start() {
    const gate = openGate();
    let inFlight = 0;
    return {
      take(step, go) {
        return gate.pass(inFlight === 0, () => {
          if (!step.open) inFlight++;
          go();
        });
      },
      final(step) {
        if (!step.open) inFlight--;
        if (inFlight === 0) gate.open();
      },
      letGo: gate.letGo,
    };
  },
};
