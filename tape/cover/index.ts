export * from "./openapi.js";
export * from "./pins.js";
export * from "./read-cover.js";
