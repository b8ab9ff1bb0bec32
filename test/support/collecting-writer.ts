import {
  type AppendReceipt,
  type CapturedCall,
  type CapturedStatus,
  decodeBatch,
  type EncodedBatch,
  type LedgerCounts,
  ledgerCounts,
  noCounts,
  type TapeWriter,
} from "../../tape/index.js";
import { until } from "./until.js";

/** A call put together from its parts, as they were stored. */
export type StoredCall = Extract<CapturedCall, { part: "call" | "answer" }>;

/** A TapeWriter that keeps what it is given, in the clear. */
export class CollectingWriter implements TapeWriter {
  readonly parts: CapturedCall[] = [];
  /** What access logs told. */
  readonly statuses: CapturedStatus[] = [];
  readonly counted: LedgerCounts = noCounts();
  closes = 0;

  async append(batch: EncodedBatch): Promise<AppendReceipt> {
    const decoded = structuredClone([...decodeBatch(batch)]);
    const parts = decoded.filter((part): part is CapturedCall => part.part !== "status");
    this.parts.push(...parts);
    this.statuses.push(...decoded.filter((part) => part.part === "status"));
    return { kept: parts.filter((part) => part.part !== "answer").length, unredactable: 0 };
  }

  async count(_atNs: bigint, counts: Partial<LedgerCounts>): Promise<void> {
    for (const count of ledgerCounts) this.counted[count] += counts[count] ?? 0;
  }

  async roll(): Promise<void> {}

  async close(): Promise<void> {
    this.closes++;
  }

  /** Calls that have ended, in the order of their sequence. */
  get calls(): StoredCall[] {
    return this.parts
      .filter((part): part is StoredCall => part.part !== "request")
      .sort((a, b) => a.sequence - b.sequence);
  }

  /** Waits until so many calls have ended. */
  async untilCalls(count: number): Promise<StoredCall[]> {
    await until(`${count} stored calls`, () => this.calls.length >= count, { seen: () => this.calls.length });
    return this.calls;
  }

  /** Waits for one call and gives it. */
  async onlyCall(): Promise<StoredCall> {
    const [call, ...more] = await this.untilCalls(1);
    if (more.length > 0) throw new Error(`one call was expected, ${more.length + 1} were stored`);
    return call!;
  }
}

/** The kept bytes of a body as text. */
export function bodyText(body: { pieces: readonly Uint8Array[] }): string {
  return Buffer.concat(body.pieces).toString("latin1");
}
