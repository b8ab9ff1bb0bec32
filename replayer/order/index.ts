import { OperatorError } from "../../base/index.js";
import { causal } from "./causal.js";
import { none } from "./none.js";
import type { OrderKind } from "./order.js";
import { recorded } from "./recorded.js";
import { serial } from "./serial.js";

export { type ClockBounds, clockBounds, oneClock } from "./clocks.js";
export { isWrite, orderKeysOf } from "./keys.js";
export type { Order, OrderKind, StepNeeds } from "./order.js";

/** Every order there is. */
export const orders = { causal, recorded, serial, none } as const satisfies Record<string, OrderKind>;
export type OrderName = keyof typeof orders;
export const orderNames = Object.keys(orders) as readonly OrderName[];

/** The order of this name. Throws an OperatorError that lists the names. */
export function parseOrder(text: string): OrderName {
  const name = orderNames.find((known) => known === text);
  if (name === undefined) {
    throw new OperatorError(
      `cannot replay in order "${text}": there is no such order; known are ${orderNames.join(", ")}`,
    );
  }
  return name;
}
