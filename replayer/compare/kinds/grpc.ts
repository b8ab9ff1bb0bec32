import {
  decodeContent,
  deframeGrpc,
  firstValue,
  type GrpcMessage,
  isGrpcType,
  type Message,
} from "../../../message/index.js";
import { bytesInWords } from "../bytes.js";
import { compareJson } from "../json/compare-json.js";
import { binary } from "./binary.js";
import { type BodyKind, type BodySides, bothTypes } from "./body-kind.js";

/**
 * gRPC message by message: `body:/0/stars` with descriptors, `body:/0/3` (field numbers) by inferred types, and a message
 * that cannot be read by its bytes at `body:/0`. The order of fields says nothing, that within a repeated one does. How
 * many messages there are is compared as the length of a list. A body that is not framed as gRPC is compared as bytes.
 */
export const grpc: BodyKind = {
  name: "grpc",
  fits: (sides) => bothTypes(sides, isGrpcType),
  compare(sides) {
    const [left, right] = [deframeGrpc(sides.expected), deframeGrpc(sides.actual)];
    if (!sides.isPartial && left.restBytes + right.restBytes > 0) return binary.compare(sides);
    const most = sides.isPartial ? Math.min(left.messages.length, right.messages.length) : Number.POSITIVE_INFINITY;
    const before = left.messages.slice(0, most).map((message) => decompressed(message, sides.from));
    const after = right.messages.slice(0, most).map((message) => decompressed(message, sides.to));
    sides.grpc?.observe(before);
    sides.grpc?.observe(after);
    if (compareReadable(sides, before, after)) return true;
    compareOneByOne(sides, before, after);
    return true;
  },
};

/** All messages as one list, so that streams are aligned; false when one of them cannot be read. */
function compareReadable(sides: BodySides, before: readonly Uint8Array[], after: readonly Uint8Array[]): boolean {
  const asArray = (messages: readonly Uint8Array[]) => {
    const texts: string[] = [];
    for (const message of messages) {
      const text = sides.grpc?.toJson(message);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return Buffer.from(`[${texts.join()}]`);
  };
  const [left, right] = [asArray(before), asArray(after)];
  if (left === undefined || right === undefined) return false;
  // Two spellings of one message (a default written out, fields in another order) are one message.
  return compareJson(left, right, "utf8", sides.findings).kind === "compared";
}

function compareOneByOne({ findings }: BodySides, before: readonly Uint8Array[], after: readonly Uint8Array[]): void {
  const lengths = { expected: before.length, actual: after.length };
  if (before.length !== after.length) findings.add([], { kind: "array-length", severity: "high", ...lengths });
  for (let at = 0; at < Math.min(before.length, after.length); at++) {
    const [left, right] = [before[at]!, after[at]!];
    if (Buffer.compare(left, right) === 0) continue;
    findings.add([at], { kind: "changed-bytes", severity: "medium", ...bytesInWords(left, right) }, at);
  }
}

/** As it was sent, where its coding is unknown or damaged. */
function decompressed(message: GrpcMessage, { headers }: Message): Uint8Array {
  if (!message.compressed) return message.bytes;
  const decoded = decodeContent(message.bytes, firstValue(headers, "grpc-encoding"));
  return decoded.kind === "decoded" ? decoded.bytes : message.bytes;
}
