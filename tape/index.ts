export * from "./batch.js";
export * from "./captured.js";
export * from "./errors.js";
export * from "./exchange.js";
export * from "./ledger.js";
export * from "./run.js";
export * from "./store.js";
