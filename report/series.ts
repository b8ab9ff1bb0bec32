import type { LatencySummary, RunSummary } from "../tape/index.js";
import { shortened, visibleLine } from "./visible.js";

/** What a report compares side by side: the recording, then the lanes, baselines before candidates. */
export interface Series {
  name: string;
  role: "recorded" | "baseline" | "candidate";
  /** From 1: the how-many-th of its role, for telling lanes of one role apart by shade. */
  ordinal: number;
  /** Name of the series this one's latency is held against; absent for the recording and for a lane without one. */
  against?: string;
  fromSent: LatencySummary;
  /** Absent for the recording, which was never due. */
  fromDue?: LatencySummary;
  /** Absent where the recording's vantage knows no answers. */
  statuses?: Readonly<Record<string, number>>;
}

export function seriesOf(summary: RunSummary): Series[] {
  const lanes = [...summary.lanes].sort((a, b) => roleOrder[a.role] - roleOrder[b.role]);
  const recorded = recordedSeries(summary);
  const seen = { baseline: 0, candidate: 0 };
  return [
    ...recorded,
    ...lanes.map((lane): Series => {
      const against = referenceOf(lane, summary) ?? recorded[0]?.name;
      const { role, fromSent, fromDue, statuses } = lane;
      const own = { name: nameOf(lane.name), role, ordinal: ++seen[role], fromSent, fromDue, statuses };
      return against === undefined ? own : { ...own, against };
    }),
  ];
}

/** The baseline under the same faults; a second sending is held against the first; a baseline under faults against the plain one. */
function referenceOf(lane: RunSummary["lanes"][number], { lanes }: RunSummary): string | undefined {
  const others = lanes.filter((one) => one !== lane && one.role === "baseline" && one.repeat !== true);
  const same = others.find(({ faults }) => faults === lane.faults);
  const plain = others.find(({ faults }) => faults === undefined);
  const found = same ?? (lane.role === "baseline" ? plain : (plain ?? others[0]));
  return found && nameOf(found.name);
}

const roleOrder = { baseline: 0, candidate: 1 } as const;

/** Names that are alike differ at their ends as a rule. */
function nameOf(lane: string): string {
  const name = visibleLine(lane);
  return name.length <= 36 ? name : `${shortened(name, 18)}${name.slice(-18)}`;
}

function recordedSeries({ recordedLatency, recordedStatuses }: RunSummary): Series[] {
  if (recordedLatency === undefined) return [];
  const statuses = recordedStatuses === undefined ? {} : { statuses: recordedStatuses };
  return [{ name: "recorded", role: "recorded", ordinal: 1, fromSent: recordedLatency, ...statuses }];
}

/** Every status and failure that some series met: statuses by number, then failures by name. */
export function statusesOf(series: readonly Series[]): string[] {
  const names = new Set(series.flatMap(({ statuses }) => Object.keys(statuses ?? {})));
  const isStatus = (name: string) => /^\d+$/.test(name);
  return [...names].sort((a, b) => Number(isStatus(b)) - Number(isStatus(a)) || a.localeCompare(b, "en"));
}
