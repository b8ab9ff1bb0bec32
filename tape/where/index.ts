export { type KeepRules, type KeepTexts, parseKeepRules, refuseUnknowable } from "./keep-rules.js";
export { isLeftOut, type LeftOut, nothingLeftOut } from "./left-out.js";
export { atEnd, atStart, type Moment } from "./moment.js";
export { parseWhere } from "./parse-where.js";
export { drawDigits, drawOfCall, drawOfHeaders, drawSteps, type SampleKey, sampleKeys } from "./trace-draw.js";
