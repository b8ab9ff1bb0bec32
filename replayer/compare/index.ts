export * from "./answers.js";
