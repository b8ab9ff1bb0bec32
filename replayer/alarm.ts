/// <reference lib="es2024.sharedmemory" />
import { Worker } from "node:worker_threads";
import { AlarmCell, alarmCells } from "./alarm-cells.js";

/** Wakes the event loop more precisely than its timers, which keep whole milliseconds. */
export interface Alarm {
  /**
   * Resolves when so much time has passed, and some hundredths of a millisecond more; the loop sleeps or works meanwhile.
   * Undefined while its thread is not up yet. One wait at a time, and after half an hour it rings whatever it was set to.
   */
  wakeIn(waitMs: number): Promise<unknown> | undefined;
  /** Ends its thread. Safe to call twice. */
  close(): void;
}

/** As many microseconds as a cell holds. */
const longestUs = 2 ** 31 - 1;

/** Starts a thread that does nothing but sleep. */
export function openAlarm(): Alarm {
  const cells = new Int32Array(new SharedArrayBuffer(alarmCells * Int32Array.BYTES_PER_ELEMENT));
  const thread = new Worker(new URL("./alarm-thread.js", import.meta.url), { workerData: cells.buffer });
  // Without it who waits looks at the clock for longer.
  thread.on("error", () => {
    Atomics.store(cells, AlarmCell.ready, 0);
    Atomics.add(cells, AlarmCell.rung, 1);
    Atomics.notify(cells, AlarmCell.rung);
  });
  const set = (waitUs: number) => {
    Atomics.store(cells, AlarmCell.waitUs, waitUs);
    Atomics.add(cells, AlarmCell.set, 1);
    Atomics.notify(cells, AlarmCell.set);
  };
  return {
    wakeIn(waitMs) {
      if (Atomics.load(cells, AlarmCell.ready) === 0) return undefined;
      const rung = Atomics.waitAsync(cells, AlarmCell.rung, Atomics.load(cells, AlarmCell.rung));
      set(Math.min(Math.round(waitMs * 1000), longestUs));
      return rung.async ? rung.value : undefined;
    },
    close() {
      set(-1);
      thread.unref();
    },
  };
}
