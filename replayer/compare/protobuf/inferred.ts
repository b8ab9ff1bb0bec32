import { isUtf8 } from "node:buffer";
import { bytesAsJson } from "./bytes-text.js";
import { readFields, readPackedVarints, type WireField, wireBounds } from "./wire.js";

/** What all samples of a field, at one path of one method's messages, still allow. */
interface Evidence {
  /** With bytes in them; empty ones fit everything. */
  samples: number;
  message: boolean;
  utf8: boolean;
  /** No control characters: text, and hardly ever the encoding of a message. */
  plainText: boolean;
  packed: boolean;
  /** It came twice in one message, or packed. */
  repeated: boolean;
  fields: Map<number, Evidence>;
}

export type InferredType = "message" | "string" | "packed" | "bytes" | "number";

/** One field of a method, as it is understood. */
export interface InferredField {
  /** Field numbers from the message down: `1/3`. */
  path: string;
  type: InferredType;
  samples: number;
}

/** Methods and fields that are remembered; what is beyond is compared as bytes. */
const mostMethods = 2_000;
const mostFields = 5_000;

/**
 * The types of gRPC messages without a schema, per method and field path, over all samples so far: a length-delimited field
 * is a string when all its samples are text without control characters, a message when all parse whole with sane tags, else
 * text, else packed varints, else bytes. More samples only ever take a type away, so both sides of a comparison
 * are looked at first.
 */
export class InferredTypes {
  readonly #methods = new Map<string, Map<number, Evidence>>();
  #fields = 0;

  /** Takes in a message. False when it is none, or more than is looked at. */
  observe(method: string, message: Uint8Array): boolean {
    let fields = this.#methods.get(method);
    if (fields === undefined) {
      if (this.#methods.size >= mostMethods) return false;
      fields = new Map();
      this.#methods.set(method, fields);
    }
    const read = readFields(message);
    return read !== undefined && this.#observeFields(fields, read, 0);
  }

  /** A message as JSON text, its members named by field number; undefined when it is none. */
  toJson(method: string, message: Uint8Array): string | undefined {
    const fields = this.#methods.get(method);
    const read = readFields(message);
    return fields === undefined || read === undefined ? undefined : this.#objectOf(fields, read, 0);
  }

  /** What was inferred, with the number of samples it rests on. */
  describe(method: string): InferredField[] {
    const found: InferredField[] = [];
    const walk = (fields: ReadonlyMap<number, Evidence>, above: string) => {
      for (const [number, evidence] of fields) {
        const type = typeOf(evidence);
        found.push({ path: `${above}${number}`, type, samples: evidence.samples });
        if (type === "message") walk(evidence.fields, `${above}${number}/`);
      }
    };
    walk(this.#methods.get(method) ?? new Map(), "");
    return found;
  }

  #observeFields(fields: Map<number, Evidence>, read: readonly WireField[], depth: number): boolean {
    if (depth > wireBounds.depth) return false;
    const seen = new Set<number>();
    for (const field of read) {
      const evidence = this.#evidenceOf(fields, field.number);
      if (evidence === undefined) return false;
      if (seen.has(field.number)) evidence.repeated = true;
      seen.add(field.number);
      if (field.wire === "bytes") this.#observeBytes(evidence, field.value, depth);
    }
    return true;
  }

  #observeBytes(evidence: Evidence, bytes: Uint8Array, depth: number): void {
    if (bytes.length === 0) return;
    evidence.samples++;
    if (evidence.utf8 && !isUtf8(bytes)) evidence.utf8 = false;
    if (evidence.plainText && (!evidence.utf8 || !isPlainText(bytes))) evidence.plainText = false;
    if (evidence.packed && readPackedVarints(bytes) === undefined) evidence.packed = false;
    if (!evidence.message) return;
    const inner = readFields(bytes);
    evidence.message = inner !== undefined && this.#observeFields(evidence.fields, inner, depth + 1);
    if (!evidence.message) evidence.fields.clear();
  }

  #evidenceOf(fields: Map<number, Evidence>, number: number): Evidence | undefined {
    let known = fields.get(number);
    if (known === undefined && this.#fields < mostFields) {
      known = {
        samples: 0,
        message: true,
        utf8: true,
        plainText: true,
        packed: true,
        repeated: false,
        fields: new Map(),
      };
      fields.set(number, known);
      this.#fields++;
    }
    return known;
  }

  #objectOf(fields: ReadonlyMap<number, Evidence>, read: readonly WireField[], depth: number): string | undefined {
    if (depth > wireBounds.depth) return undefined;
    const values = new Map<number, string[]>();
    for (const field of read) {
      const text = this.#valueOf(fields.get(field.number), field, depth);
      const known = values.get(field.number);
      if (known === undefined) values.set(field.number, [text]);
      else known.push(text);
    }
    const members = [...values].map(([number, texts]) => {
      const isList = texts.length > 1 || fields.get(number)?.repeated === true;
      return `"${number}":${isList ? `[${texts.join()}]` : texts[0]}`;
    });
    return `{${members.join()}}`;
  }

  #valueOf(evidence: Evidence | undefined, field: WireField, depth: number): string {
    if (field.wire !== "bytes") return numberAsJson(field);
    const type = evidence === undefined ? "bytes" : typeOf(evidence);
    if (type === "string") return JSON.stringify(Buffer.from(field.value).toString());
    if (type === "packed") return `[${readPackedVarints(field.value)!.join()}]`;
    const inner = type === "message" ? readFields(field.value) : undefined;
    const text = inner && this.#objectOf(evidence!.fields, inner, depth + 1);
    return text ?? bytesAsJson(field.value);
  }
}

/** A fixed one is not the same as a varint of its value. */
export function numberAsJson(field: Exclude<WireField, { wire: "bytes" }>): string {
  return field.wire === "varint" ? String(field.value) : JSON.stringify(`${field.wire} ${field.value}`);
}

function typeOf(evidence: Evidence): InferredType {
  if (evidence.samples === 0) return evidence.fields.size > 0 ? "message" : "number";
  if (evidence.plainText) return "string";
  if (evidence.message) return "message";
  if (evidence.utf8) return "string";
  return evidence.packed ? "packed" : "bytes";
}

function isPlainText(bytes: Uint8Array): boolean {
  // A line feed is also the tag of a first field: text that begins with one is taken for a message.
  if (bytes[0] === 0x0a) return false;
  return bytes.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
