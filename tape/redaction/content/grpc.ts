import { decodeContent, encodeContent, frameGrpc, grpcPrefixBytes } from "../../../message/index.js";
import { redactJson } from "../json.js";
import type { PlaceList } from "../places.js";
import type { Redaction } from "../rules/redaction.js";
import { cutSecretLength } from "../text/cut.js";
import { replaceSpans } from "../text/text.js";
import type { Content, RedactedContent } from "./content.js";
import { redactProtobuf } from "./protobuf.js";

/** gRPC-Web's trailers come as a last message with this flag ("gRPC Web", Protocol differences). */
const trailersFlag = 0x80;
const compressedFlag = 1;

/**
 * Redacts the messages of a gRPC or gRPC-Web body, compressed ones after undoing their coding, and writes their lengths
 * anew. Messages are Protocol Buffers, or JSON where the type says so. Of a body that was cut the last message, which is
 * not whole, is left out when anything was replaced or is looked for by place. A message that cannot be decoded makes it
 * damaged. Places are `body:message N` and the numbers of the fields.
 */
export function redactGrpc(content: Content, redaction: Redaction, places: PlaceList): RedactedContent {
  const pieces: Uint8Array[] = [];
  let changed = false;
  let number = 0;
  let offset = 0;
  for (; offset + grpcPrefixBytes <= content.bytes.length; number++) {
    const frame = frameAt(content.bytes, offset);
    if (frame === undefined) break;
    const message = redactMessage(frame, content, redaction, places, `body:message ${number} `.trimEnd());
    if (message === undefined) return { kind: "damaged" };
    changed ||= message !== frame.bytes;
    pieces.push(message);
    offset += frame.bytes.length;
  }
  const rest = content.bytes.subarray(offset);
  if (rest.length > 0 && !isHarmless(rest, redaction, content.isWhole)) {
    if (content.isWhole) return { kind: "damaged" };
    changed = true;
  } else pieces.push(rest);
  return changed ? { kind: "redacted", text: Buffer.concat(pieces).toString("latin1") } : { kind: "unchanged" };
}

/** `application/grpc-web-text`: base64, each flush by itself, so that padding may stand in the middle. */
export function redactGrpcWebText(content: Content, redaction: Redaction, places: PlaceList): RedactedContent {
  const chunks = content.text.match(/[A-Za-z0-9+/]+={0,2}/g) ?? [];
  const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk, "base64")));
  const redacted = redactGrpc({ ...content, bytes, text: bytes.toString("latin1") }, redaction, places);
  if (redacted.kind !== "redacted") return redacted;
  return { kind: "redacted", text: Buffer.from(redacted.text, "latin1").toString("base64") };
}

/** One message of Protocol Buffers without framing (`application/x-protobuf`). */
export function redactBareProtobuf(content: Content, redaction: Redaction, places: PlaceList): RedactedContent {
  const redacted = redactProtobuf(content.bytes, redaction, places, "body:");
  if (redacted === content.bytes) return { kind: "unchanged" };
  if (redacted !== undefined) return { kind: "redacted", text: Buffer.from(redacted).toString("latin1") };
  return isHarmless(content.bytes, redaction, content.isWhole) ? { kind: "unchanged" } : { kind: "damaged" };
}

interface GrpcFrame {
  flag: number;
  /** With its prefix. */
  bytes: Uint8Array;
  message: Uint8Array;
}

function frameAt(body: Uint8Array, offset: number): GrpcFrame | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const flag = body[offset]!;
  const end = offset + grpcPrefixBytes + view.getUint32(offset + 1);
  if ((flag & ~(trailersFlag | compressedFlag)) !== 0 || end > body.length) return undefined;
  return { flag, bytes: body.subarray(offset, end), message: body.subarray(offset + grpcPrefixBytes, end) };
}

/** The frame itself when nothing is to be replaced; undefined when it may hold a secret and cannot be read. */
function redactMessage(
  frame: GrpcFrame,
  content: Content,
  redaction: Redaction,
  places: PlaceList,
  place: string,
): Uint8Array | undefined {
  const coding = (frame.flag & compressedFlag) === 0 ? undefined : content.messageEncoding;
  const decoded = decodeContent(frame.message, coding);
  if (decoded.kind !== "decoded" || (coding === undefined && (frame.flag & compressedFlag) !== 0)) return undefined;
  const redacted = redactDecoded(frame.flag, decoded.bytes, content, redaction, places, place);
  if (redacted === undefined || redacted === decoded.bytes) return redacted && frame.bytes;
  const framed = frameGrpc(encodeContent(redacted, coding, frame.message));
  framed[0] = frame.flag;
  return framed;
}

function redactDecoded(
  flag: number,
  message: Uint8Array,
  { type }: Content,
  redaction: Redaction,
  places: PlaceList,
  place: string,
): Uint8Array | undefined {
  if ((flag & trailersFlag) !== 0) return redactAsText(message, redaction, places, "trailer:");
  if (type?.essence.endsWith("+json") === true) {
    const text = Buffer.from(message).toString("latin1");
    const redacted = redactJson(text, redaction, places, `${place} `);
    if (redacted.kind === "damaged") return undefined;
    return redacted.kind === "redacted" ? Buffer.from(redacted.text, "latin1") : message;
  }
  return (
    redactProtobuf(message, redaction, places, `${place} `) ?? (isHarmless(message, redaction) ? message : undefined)
  );
}

function redactAsText(bytes: Uint8Array, redaction: Redaction, places: PlaceList, place: string): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const redacted = replaceSpans(text, redaction.rules.scanner.spans(text), redaction, places, place);
  return redacted === text ? bytes : Buffer.from(redacted, "latin1");
}

/** Nothing in bytes that are not understood looks like a secret. */
function isHarmless(bytes: Uint8Array, { rules }: Redaction, isWhole = true): boolean {
  if (rules.looksAtPlaces) return false;
  const text = Buffer.from(bytes).toString("latin1");
  return rules.scanner.spans(text).length === 0 && (isWhole || cutSecretLength(text, { isText: false }) === 0);
}
