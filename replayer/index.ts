export {
  type CarryOptions,
  type CredentialRule,
  type LinkRules,
  type ListedLinks,
  listLinks,
  parseCredentialOption,
  parseCredentials,
  parseLinkRules,
} from "./carry/index.js";
export { readDescriptors } from "./compare/protobuf/descriptors.js";
export { readRulesFile } from "./compare/rules/rules-file.js";
export { type FaultPlan, parseFaultPlan } from "./faults/fault-plan.js";
export { compareRuns, type RunDifference } from "./gate/compare-runs.js";
export { readKnown } from "./gate/known.js";
export { suggestionsAsYaml, suggestRules } from "./gate/suggest.js";
export { withFailOn } from "./gate/thresholds.js";
export { parseHeaderOption } from "./header-option.js";
export { newRunId } from "./identity.js";
export { contrastLanes, lanesOf } from "./lanes/lanes.js";
export type { LaneByHand, LaneTls } from "./lanes/plan-lanes.js";
export { chanceOfNoise, significance } from "./noise/chance.js";
export type { CallSelection, ObservedStep, Preflight, Progress, ReplayEnv, ReplayOptions } from "./options.js";
export { type OrderName, parseOrder } from "./order/index.js";
export { parsePace } from "./pace.js";
export { recordedAuthorities } from "./recorded-authorities.js";
export { replay } from "./replay.js";
export type { Producers } from "./shrink/closure.js";
export { readProducers } from "./shrink/producers.js";
export { type ShrinkProgress, type Shrunk, shrink } from "./shrink/shrink.js";
export type { HopDifference } from "./shrink/try-run.js";
export { openStub, type Stub } from "./stub/index.js";
export type { AuthorityTarget, TargetChoice } from "./target.js";
