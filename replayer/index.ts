export { parseHeaderOption } from "./header-option.js";
export { newRunId } from "./identity.js";
export { lanesOf } from "./lanes.js";
export type { CallSelection, Preflight, Progress, ReplayEnv, ReplayOptions } from "./options.js";
export { type OrderName, parseOrder } from "./order/index.js";
export { parsePace } from "./pace.js";
export { replay } from "./replay.js";
