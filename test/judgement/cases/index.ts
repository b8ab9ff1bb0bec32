import type { Batch } from "../run-batch.js";
import { bodyCases } from "./bodies.js";
import { callCases } from "./calls.js";
import { abortedCalls, faultCases } from "./faults.js";
import { grpcCases } from "./grpc.js";
import { headCases } from "./heads.js";
import { heldOutCases } from "./held-out.js";
import { pairCases } from "./pairs.js";
import { stillCases } from "./still.js";

/** The whole corpus. */
export const batches: readonly Batch[] = [
  { name: "bodies", cases: bodyCases },
  { name: "heads", cases: headCases },
  { name: "calls", cases: callCases },
  { name: "pairs", cases: pairCases },
  { name: "grpc", cases: grpcCases },
  { name: "faults", cases: faultCases, aborted: abortedCalls },
  { name: "held-out", cases: heldOutCases },
  { name: "still", cases: stillCases },
];
