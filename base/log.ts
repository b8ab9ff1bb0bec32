import { createRequire } from "node:module";
import type { Logger } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/**
 * Structured lines on stderr; stdout belongs to results. Never give it headers or bodies. pino is loaded here and not with
 * the room: threads that only store load the room as well, and to load pino took longer than their first work.
 */
export function openLog(level: string): Log {
  const { pino } = createRequire(import.meta.url)("pino") as typeof import("pino");
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));
}

/** For tests and for callers that want quiet. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
