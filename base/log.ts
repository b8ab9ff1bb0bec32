import { type Logger, pino } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Structured lines on stderr; stdout belongs to results. Never give it headers or bodies. */
export function openLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));
}

/** For tests and for callers that want quiet. */
export const silentLog: Log = pino({ level: "silent" });
