import { isMainThread, type Worker } from "node:worker_threads";

/*
 * Loaded into a process before its own code (`NODE_OPTIONS=--import`): on SIGUSR2 the thread that it started last is
 * ended at once, as when the thread had run out of memory. From outside a process its threads cannot be killed one by one.
 */
if (isMainThread) {
  let last: Worker | undefined;
  process.on("worker", (worker) => {
    last = worker;
  });
  process.on("SIGUSR2", () => void last?.terminate());
}
