export * from "./chance.js";
export * from "./clock.js";
export * from "./errors.js";
export * from "./marks.js";
