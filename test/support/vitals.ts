import type { Vitals } from "../../recorder/admin/metrics.js";
import { Histogram } from "../../recorder/capture/histogram.js";
import { type LedgerCounts, ledgerCounts } from "../../tape/index.js";

/** Of a recorder that has seen nothing yet. */
export const noVitals: Vitals = {
  counts: Object.fromEntries(ledgerCounts.map((count) => [count, 0])) as LedgerCounts,
  ...{ openCalls: 0, undecidedCalls: 0, openConnections: 0, queueBytes: 0, queueLimitBytes: 0 },
  flushSeconds: new Histogram([1]),
  ...{ isDraining: false, isStoreFailing: false, carriesCalls: false },
};
