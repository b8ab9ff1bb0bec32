import type { z } from "zod";

/** What a fault does to a call: a delay comes first, then the abort. */
export interface FaultEffect {
  delayMs?: number;
  abort?: Abort;
}
export type Abort =
  | { kind: "http"; status: number }
  /** `code`: 0 to 16 (the gRPC specification, "Status codes"). */
  | { kind: "grpc"; code: number };

/** One member of `http[].fault`. Adding one is a file in `faults/` and a line in its list. */
export interface FaultKind<Written extends { percentage?: { value: number } | undefined }> {
  /** Its key in YAML. */
  name: string;
  schema: z.ZodType<Written>;
  /** What a person types for it, such as `503`; `typed` reads it. */
  example: string;
  /** From what a person typed; undefined when it is none. Without the percentage. */
  typed(text: string): Written | undefined;
  /** What it does to the calls that are drawn: "delays a call by 100 ms". */
  explain(fault: Written): string;
  effect(fault: Written): FaultEffect;
}
