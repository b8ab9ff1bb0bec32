import { workerData } from "node:worker_threads";
import { runKind } from "../sqlite/format.js";
import { closeWritten, openForWriting } from "../sqlite/open-database.js";
import { tapeErrorFor } from "../sqlite/trouble.js";
import { serve } from "../sqlite/worker-serving.js";
import type { Block } from "./blocks.js";
import { type PackedRecords, unpackRows } from "./run-message.js";
import { RunRows } from "./run-rows.js";

/** What the replaying thread asks of the thread that writes the run file. */
export type RunRequest =
  | { kind: "records"; packed: PackedRecords | undefined; steps: Block | undefined; sames: Block | undefined }
  | { kind: "summary"; summary: string }
  | { kind: "close" };

const path = workerData as string;
const db = openForWriting(path, runKind, () => {});
// Pages: what is written moves into the file as it comes, or whoever closes the run would wait for the last 16 MB.
db.pragma("wal_autocheckpoint = 500");
const rows = new RunRows(db);

serve(
  (request: RunRequest) => {
    try {
      answer(request);
    } catch (thrown) {
      throw tapeErrorFor("write run", path, thrown);
    }
  },
  () => [],
);

function answer(request: RunRequest): void {
  switch (request.kind) {
    case "records":
      rows.write(request.packed === undefined ? [] : unpackRows(request.packed), request.steps, request.sames);
      return;
    case "summary":
      db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('summary', ?)").run(request.summary);
      return;
    case "close":
      closeWritten(db);
  }
}
