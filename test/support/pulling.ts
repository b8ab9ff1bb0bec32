import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../base/index.js";
import { openTape, openTapeWriter, type RedactionKey, type TapeWriter } from "../../tape/index.js";
import { allOf, batchOf, callPart, capturedResponse, testKey, testRecorder } from "./captured.js";
import { startTestRecorderOn } from "./start-recorder.js";
import { tempFolder } from "./temp.js";

/** A recorder in this process that writes to a folder and lets it be pulled. */
export interface PulledRecorder {
  admin: string;
  adminPort: number;
  folder: string;
  writer: TapeWriter;
  /** Stores so many calls, as if they had been recorded. */
  store(calls: number): Promise<void>;
}

export async function startPulledRecorder(
  t: TestContext,
  { name = "reviews", token, key = testKey }: { name?: string; token?: string; key?: RedactionKey } = {},
): Promise<PulledRecorder> {
  const folder = join(tempFolder(t), "tape");
  // One clock for both halves: by two, segments would look years old.
  const recorder = testRecorder(name, { epochNsAtZero: systemClock().epochNsAtZero });
  const writer = await openTapeWriter({ path: `${folder}/`, recorder, key });
  const running = await startTestRecorderOn(t, writer, {
    admin: "127.0.0.1:0",
    pull: { folder, ...(token === undefined ? {} : { token }) },
  });
  let sequence = 1_000_000;
  return {
    admin: running.admin!,
    adminPort: Number(running.admin!.split(":").at(-1)),
    folder,
    writer,
    async store(calls) {
      for (let left = calls; left > 0; left--) {
        const text = Array.from({ length: 300 }, () => Math.random().toString(36)).join("");
        await writer.append(batchOf(callPart(++sequence, { answer: capturedResponse(text) })));
      }
    },
  };
}

/** Names of what is in a folder, hidden files included; none where it is missing. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** How many Exchanges can be read from a tape. */
export async function exchangesOn(tape: string): Promise<number> {
  const reader = await openTape([tape]);
  const found = await allOf(reader.read());
  await reader.close();
  return found.length;
}
