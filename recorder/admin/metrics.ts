import { type LedgerCount, type LedgerCounts, ledgerCounts } from "../../tape/index.js";
import type { Histogram } from "../capture/histogram.js";

/** What a recorder knows of itself. */
export interface Vitals {
  counts: LedgerCounts;
  openCalls: number;
  /** Seen, and neither kept nor dropped nor sampled out yet: in flight, or on their way to the tape. */
  undecidedCalls: number;
  openConnections: number;
  queueBytes: number;
  queueLimitBytes: number;
  flushSeconds: Histogram;
  isDraining: boolean;
  isStoreFailing: boolean;
  /** Calls pass through it to their service: without it they would fail. */
  carriesCalls: boolean;
}

const help: Record<LedgerCount, string> = {
  seen: "Calls whose request headers reached the recorder.",
  kept: "Exchanges that are durable on the tape.",
  dropped: "Calls seen and not kept because a bound was reached or the store refused them.",
  sampledOut: "Calls not kept by choice: by --sample, --keep or --drop, or replayed.",
  truncated: "Exchanges kept with less of a body than came.",
  aborted: "Exchanges kept whose request ended before it was complete.",
  unredactable: "Bodies withheld because they may hold secrets and could not be read whole.",
  unparsable: "Connections closed because what came on them was no HTTP.",
  refused: "Connections turned away: above the limit, or without the TLS they need.",
  opaque: "Tunnels (CONNECT) passed through unread.",
  storeErrors: "Batches the store could not write.",
  headless: "Streams of an external processor that ended before the request's headers came.",
  statuses: "Entries of an access log joined to a mirrored call.",
  statusesLost: "Entries of an access log that tell of no Exchange here.",
};

/** Prometheus text format, version 0.0.4. Numbers only: nothing of any call. */
export function metricsText(vitals: Vitals): string {
  const counters = ledgerCounts.map((count) =>
    sample(`tapeloop_recorder_${snakeCase(count)}_total`, "counter", help[count], vitals.counts[count]),
  );
  const gauges = [
    sample("tapeloop_recorder_open_calls", "gauge", "Calls that are being recorded now.", vitals.openCalls),
    sample(
      "tapeloop_recorder_undecided_calls",
      "gauge",
      "Calls seen and neither kept nor dropped nor sampled out yet: in flight, or on their way to the tape.",
      vitals.undecidedCalls,
    ),
    sample("tapeloop_recorder_open_connections", "gauge", "Connections from clients.", vitals.openConnections),
    sample("tapeloop_recorder_queue_bytes", "gauge", "Memory held by calls not yet stored.", vitals.queueBytes),
    sample("tapeloop_recorder_queue_limit_bytes", "gauge", "Bound of that memory.", vitals.queueLimitBytes),
    sample(
      "tapeloop_recorder_store_failing",
      "gauge",
      "1 while the tape takes nothing.",
      vitals.isStoreFailing ? 1 : 0,
    ),
  ];
  return [...counters, ...gauges, flushes(vitals.flushSeconds)].join("");
}

function sample(name: string, type: string, helpText: string, value: number): string {
  return `# HELP ${name} ${helpText}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}

function flushes({ bounds, counts, sum }: Histogram): string {
  const name = "tapeloop_recorder_flush_seconds";
  let text = `# HELP ${name} How long the tape took to make a batch durable.\n# TYPE ${name} histogram\n`;
  let cumulative = 0;
  for (const [at, count] of counts.entries()) {
    cumulative += count;
    text += `${name}_bucket{le="${bounds[at] ?? "+Inf"}"} ${cumulative}\n`;
  }
  return `${text}${name}_sum ${sum}\n${name}_count ${cumulative}\n`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
