import { noNeeds, TiedOrder } from "./causal.js";
import type { OrderKind } from "./order.js";

/** Starts in tape order; nothing but room and the answers whose values it needs holds a call back. */
export const none: OrderKind = {
  name: "none",
  promise: "no call waits for another, save for a value it needs; at most --concurrency are in flight",
  asksForNeeds: "producers",
  start({ concurrency }) {
    const order = new TiedOrder(() => concurrency);
    return {
      take: (step, go, needs) => order.take(step, go, needs && { ...needs, keys: noNeeds.keys }),
      final: (step) => order.final(step),
      letGo: () => order.letGo(),
    };
  },
};
