import type { LatencySummary, RunSummary } from "../tape/index.js";
import { shortened, visibleLine } from "./visible.js";

/** What a report compares side by side: the recording, then the lanes, baselines before candidates. */
export interface Series {
  name: string;
  role: "recorded" | "baseline" | "candidate";
  fromSent: LatencySummary;
  /** Absent for the recording, which was never due. */
  fromDue?: LatencySummary;
  /** Absent where the recording's vantage knows no answers. */
  statuses?: Readonly<Record<string, number>>;
}

export function seriesOf(summary: RunSummary): Series[] {
  const lanes = [...summary.lanes].sort((a, b) => roleOrder[a.role] - roleOrder[b.role]);
  return [
    ...recordedSeries(summary),
    ...lanes.map(({ name, role, fromSent, fromDue, statuses }) => ({
      name: shortened(visibleLine(name), 24),
      role,
      fromSent,
      fromDue,
      statuses,
    })),
  ];
}

const roleOrder = { baseline: 0, candidate: 1 } as const;

function recordedSeries({ recordedLatency, recordedStatuses }: RunSummary): Series[] {
  if (recordedLatency === undefined) return [];
  const statuses = recordedStatuses === undefined ? {} : { statuses: recordedStatuses };
  return [{ name: "recorded", role: "recorded", fromSent: recordedLatency, ...statuses }];
}

/** Every status and failure that some series met: statuses by number, then failures by name. */
export function statusesOf(series: readonly Series[]): string[] {
  const names = new Set(series.flatMap(({ statuses }) => Object.keys(statuses ?? {})));
  const isStatus = (name: string) => /^\d+$/.test(name);
  return [...names].sort((a, b) => Number(isStatus(b)) - Number(isStatus(a)) || a.localeCompare(b, "en"));
}
