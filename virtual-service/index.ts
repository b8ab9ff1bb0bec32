export { type Decision, decide } from "./decide.js";
export { explainFaults } from "./explain.js";
export { faultExamples, type TypedFault, typedFault } from "./faults/index.js";
export type { Abort, FaultEffect } from "./faults/kind.js";
export { hostMatches, serviceOf } from "./hosts.js";
export type { RoutedRequest } from "./match.js";
export { parseVirtualServices } from "./parse.js";
export type { Destination, VirtualService } from "./schema.js";
export { warningsOf } from "./warnings.js";
