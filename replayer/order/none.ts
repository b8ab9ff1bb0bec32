import { openGate } from "./gate.js";
import type { OrderKind } from "./order.js";

/** Starts in tape order, waiting for nothing but room. */
export const none: OrderKind = {
  name: "none",
  promise: "no call waits for another; at most --concurrency are in flight",
  start({ concurrency }) {
    const gate = openGate();
    let inFlight = 0;
    return {
      take(_step, go) {
        return gate.pass(inFlight < concurrency, () => {
          inFlight++;
          go();
        });
      },
      final() {
        inFlight--;
        gate.open();
      },
    };
  },
};
