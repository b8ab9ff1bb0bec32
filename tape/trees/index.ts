export type { ClockOffset, Clocks } from "../calls/clocks.js";
export { lossesOf } from "../calls/losses.js";
export type { HopTree } from "./grow-trees.js";
export * from "./hop.js";
export * from "./hop-graph.js";
export * from "./propagation.js";
export * from "./read-trees.js";
