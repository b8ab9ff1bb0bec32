import type { TestContext } from "node:test";
import { silentLog, systemClock } from "../../base/index.js";
import { type RecorderOptions, type RunningRecorder, startRecorder } from "../../recorder/index.js";
import { redactionKey, type TapeWriter } from "../../tape/index.js";
import { CollectingWriter } from "./collecting-writer.js";

export const testKey = redactionKey(new Uint8Array(32).fill(7));

/** A recorder in this process. */
export interface TestRecorder<W extends TapeWriter = CollectingWriter> extends RunningRecorder {
  port: number;
  writer: W;
}

/** Starts a recorder on a free port that is stopped at the latest when the test ends. */
export async function startTestRecorder(
  t: TestContext,
  options: Partial<RecorderOptions> = {},
): Promise<TestRecorder<CollectingWriter>> {
  return await startTestRecorderOn(t, new CollectingWriter(), options);
}

export async function startTestRecorderOn<W extends TapeWriter>(
  t: TestContext,
  writer: W,
  options: Partial<RecorderOptions> = {},
): Promise<TestRecorder<W>> {
  const env = { writer, clock: systemClock(), key: testKey, log: silentLog };
  const running = await startRecorder(
    { listen: "127.0.0.1:0", mode: "mirror", flushMs: 5, drainMs: 2000, ...options },
    env,
  );
  t.after(() => running.stop());
  return { ...running, writer, port: Number(running.listen.split(":").at(-1)) };
}
