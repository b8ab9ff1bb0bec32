import { randomBytes } from "node:crypto";
import type { RecorderId } from "./exchange.js";

/** A new incarnation of the recorder of this name. */
export function newRecorderId(name: string): RecorderId {
  return { name, incarnation: randomBytes(8).toString("hex") };
}
