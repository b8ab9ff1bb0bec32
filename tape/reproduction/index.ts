export { curlScript } from "./curl-script.js";
export { reproducedCalls } from "./reproduced-calls.js";
export { type ReproducedDivergence, testFile, whyUntestable } from "./test-file.js";
