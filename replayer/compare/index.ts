export * from "./answers.js";
export * from "./comparing.js";
export * from "./echoes.js";
export * from "./same.js";
