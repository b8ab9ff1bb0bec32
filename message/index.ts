export * from "./header-list.js";
export * from "./message.js";
