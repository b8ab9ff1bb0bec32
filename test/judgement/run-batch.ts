import { systemClock } from "../../base/index.js";
import { type FaultPlan, parseFaultPlan } from "../../replayer/index.js";
import {
  type Answer,
  newRecorderId,
  openMemoryTape,
  type RecorderDescription,
  type RunSummary,
  type TapeReader,
} from "../../tape/index.js";
import { testKey } from "../support/redaction.js";
import { replayed, replayOptions } from "../support/replaying.js";
import type { RunInMemory } from "../support/run-in-memory.js";
import type { HopName, JudgedCase } from "./case.js";
import { makeCalls } from "./users.js";
import { startWorld, type World } from "./world.js";

/** Cases that share their services, their tape and their replay. */
export interface Batch {
  name: string;
  cases: readonly JudgedCase[];
  /** Half of the users' requests are sent to both versions a second time, and then calls to this service are aborted. */
  aborted?: { to: HopName; mark: string };
}

/** A replay of the traffic of several cases, and all that was kept of it. */
export interface BatchRun {
  cases: readonly JudgedCase[];
  summary: RunSummary;
  kept: RunInMemory["kept"];
  /** Recorded Answers by the ids of their Exchanges. */
  recorded: ReadonlyMap<number, Answer>;
}

/**
 * Records what users ask of the old versions, by a recorder before each service, and replays it against both versions,
 * started anew, with recorders inside both.
 */
export async function runBatch({ cases, aborted }: Batch): Promise<BatchRun> {
  const tape = memoryTape();
  const recorded = await startWorld({
    versions: cases.map((one) => one.old()),
    writerFor: tape.writerFor,
    recordReplays: false,
  });
  try {
    await makeCalls(recorded.entry, cases);
  } finally {
    await recorded.stop();
  }
  const hops = memoryTape();
  const worlds: World[] = [];
  try {
    for (const version of ["old", "new"] as const) {
      const versions = cases.map((one) => one[version]());
      worlds.push(await startWorld({ versions, writerFor: hops.writerFor, recordReplays: true, aborted }));
    }
    const [baseline, candidate] = worlds as [World, World];
    const options = replayOptions(candidate.entry.origin, {
      baseline: baseline.entry.origin,
      selection: { entry: true, text: "--entry" },
      allowWrites: true,
      aa: true,
      ...(aborted === undefined ? {} : { faults: abortingHalf(aborted.mark) }),
    });
    const openHops = async () => {
      await Promise.all(worlds.map((world) => world.stop()));
      return hops.reader;
    };
    const recording = await answersOf(tape.reader);
    return { cases, recorded: recording, ...(await replayed(tape.reader, options, { openHops })) };
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
}

/** Half of the users' requests carry the mark. */
function abortingHalf(mark: string): FaultPlan {
  return parseFaultPlan(`faults: [{ name: abort, mark: "${mark}", share: 50% }]`, "faults.yaml");
}

async function answersOf(tape: TapeReader): Promise<Map<number, Answer>> {
  const answers = new Map<number, Answer>();
  for await (const { id, answer } of tape.read()) answers.set(id, answer);
  return answers;
}

/** A tape that many recorders write to. */
function memoryTape() {
  const tape = openMemoryTape({ recorder: recorderOf("front"), key: testKey });
  return { reader: tape.reader, writerFor: (service: HopName) => tape.join(recorderOf(service)) };
}

const { epochNsAtZero } = systemClock();

function recorderOf(service: HopName): RecorderDescription {
  return { id: newRecorderId(service), service, origin: {}, epochNsAtZero };
}
