import { workerData } from "node:worker_threads";
import { AlarmCell } from "./alarm-cells.js";

// Sleeps for this process's main thread: a futex keeps time to some hundredths of a millisecond, which no timer of an event
// loop does. Set again while it sleeps, it forgets what it was set to before.
const cells = new Int32Array(workerData as SharedArrayBuffer);
Atomics.store(cells, AlarmCell.ready, 1);
for (let seen = 0; ; ) {
  Atomics.wait(cells, AlarmCell.set, seen);
  seen = Atomics.load(cells, AlarmCell.set);
  const waitUs = Atomics.load(cells, AlarmCell.waitUs);
  if (waitUs < 0) break;
  if (Atomics.wait(cells, AlarmCell.set, seen, waitUs / 1000) !== "timed-out") continue;
  Atomics.add(cells, AlarmCell.rung, 1);
  Atomics.notify(cells, AlarmCell.rung);
}
