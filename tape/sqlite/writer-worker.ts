import { workerData } from "node:worker_threads";
import type { EncodedBatch } from "../batch.js";
import type { LedgerCounts } from "../ledger.js";
import type { AppendReceipt } from "../store.js";
import { RecordingTape, type RecordingTapeOptions } from "./recording-tape.js";
import { serve } from "./worker-serving.js";

/** What the traffic thread asks of the thread that writes the tape. */
export type WriterRequest =
  | { kind: "open"; nowNs: bigint }
  | { kind: "append"; nowNs: bigint; batch: EncodedBatch }
  | { kind: "count"; nowNs: bigint; counts: Partial<LedgerCounts> }
  | { kind: "roll"; nowNs: bigint }
  | { kind: "close"; nowNs: bigint };

const nothing: AppendReceipt = { kept: 0, unredactable: 0 };
const tape = new RecordingTape(workerData as RecordingTapeOptions);

serve(answer, (receipt) => (receipt.buffer ? [receipt.buffer] : []));

function answer(request: WriterRequest): AppendReceipt {
  switch (request.kind) {
    case "open":
      tape.open(request.nowNs);
      return nothing;
    case "append":
      return { ...tape.append(request.batch, request.nowNs), buffer: request.batch.buffer };
    case "count":
      tape.count(request.nowNs, request.counts);
      return nothing;
    case "roll":
      tape.roll(request.nowNs);
      return nothing;
    case "close":
      tape.close(request.nowNs);
      return nothing;
  }
}
