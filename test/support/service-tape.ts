import { join } from "node:path";
import type { TestContext } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { openTapeWriter } from "../../tape/index.js";
import { batchOf, callPart, capturedRequest, capturedResponse, testRecorder } from "./captured.js";
import { testKey } from "./redaction.js";
import { tempFolder } from "./temp.js";

export const requestId = "6db69b60-1f03-4c1e-885b-5cab4cc22fc5";

export interface MadeCall {
  service: string;
  path: string;
  at: [number, number];
  caller?: string;
  status?: number;
  id?: string;
  body?: Uint8Array;
  headers?: readonly string[];
}

/** A folder with a recorder before each service. */
export async function tapeOf(t: TestContext, calls: readonly MadeCall[]): Promise<string> {
  const path = `${join(tempFolder(t), "tape")}/`;
  for (const service of new Set(calls.map((call) => call.service))) {
    const writer = await openTapeWriter({ path, key: testKey, recorder: testRecorder(service, { service }) });
    const parts = calls
      .filter((call) => call.service === service)
      .map(
        (
          { path: called, at: [startedMs, endedMs], caller, status = 200, id = requestId, body, headers: own = [] },
          n,
        ) => {
          const named = caller === undefined ? [] : ["x-envoy-downstream-service-cluster", caller];
          const headers = ["x-request-id", id, ...named, ...own];
          return callPart(n + 1, {
            request: capturedRequest({
              authority: `${service}:9080`,
              path: called,
              headers,
              startedMs,
              endedMs: startedMs,
              ...(body && { body: { pieces: [body], fullBytes: body.length } }),
            }),
            answer: capturedResponse("{}", { status, startedMs: endedMs, endedMs }),
          });
        },
      );
    await writer.append(batchOf(...parts));
    await writer.close();
  }
  return path;
}

/** A checkout that asks a stock which fails, and a mail that somebody else sends. */
export const shopCalls: MadeCall[] = [
  { service: "shop", path: "/checkout/4711", at: [0, 100] },
  { service: "stock", path: "/stock/4711", at: [10, 60], caller: "shop.default", status: 503 },
  { service: "mail", path: "/mail", at: [70, 80], caller: "ops.default", id: "other-request-0001" },
];

/** Runs a command line in this process. */
export async function run(words: readonly string[], terminal?: { columns: number; noColor?: boolean }) {
  let stdout = "";
  let stderr = "";
  const exitCode = await runCommandLine(words, {
    stdout: { write: (text) => (stdout += text), isTTY: terminal !== undefined, columns: terminal?.columns },
    stderr: { write: (text) => (stderr += text) },
    env: terminal?.noColor ? { NO_COLOR: "1" } : {},
    folder: "/",
    signal: new AbortController().signal,
  });
  return { exitCode, stdout, stderr, lines: stdout.trimEnd().split("\n") };
}
