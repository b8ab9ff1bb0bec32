export * from "./answers.js";
export * from "./same.js";
