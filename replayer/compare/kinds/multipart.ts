import { isUtf8 } from "node:buffer";
import { isJsonType, type MediaType, parseJson, parseMediaType } from "../../../message/index.js";
import { compareJson } from "../json/compare-json.js";
import { bytesAsJson } from "../protobuf/bytes-text.js";
import { type BodyKind, bothTypes } from "./body-kind.js";

/**
 * `multipart/…` part by part (RFC 2046, section 5.1): `body:/NAME/content`, `body:/NAME/filename`, `body:/NAME/type`, parts
 * without a name by their place. Boundaries say nothing. JSON parts as JSON, text as text, others by length and hash.
 */
export const multipart: BodyKind = {
  name: "multipart",
  fits: (sides) => bothTypes(sides, (essence) => essence.startsWith("multipart/")),
  compare({ expected, actual, types, findings }) {
    const [left, right] = [asObject(expected, types[0]), asObject(actual, types[1])];
    if (left === undefined || right === undefined) return false;
    return compareJson(Buffer.from(left), Buffer.from(right), "utf8", findings).kind === "compared";
  },
};

/** Undefined when the boundary is not there. */
function asObject(body: Buffer, type: MediaType | undefined): string | undefined {
  const boundary = type?.parameters.get("boundary");
  if (boundary === undefined) return undefined;
  const name = boundary.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const pieces = body.toString("latin1").split(new RegExp(`(?:^|\\r?\\n)--${name}(?=--|[ \\t]*\\r?\\n)`));
  if (pieces.length < 2) return undefined;
  const members: string[] = [];
  for (const [at, piece] of pieces.slice(1).entries()) {
    if (piece.startsWith("--")) break;
    members.push(partOf(piece.replace(/^[ \t]*\r?\n/, ""), at));
  }
  return `{${members.join()}}`;
}

function partOf(piece: string, at: number): string {
  const gap = /\r?\n\r?\n|^\r?\n/.exec(piece);
  const head = gap === null ? piece : piece.slice(0, gap.index);
  const content = Buffer.from(gap === null ? "" : piece.slice(gap.index + gap[0].length), "latin1");
  const disposition = /^content-disposition:[ \t]*(.*)$/im.exec(head)?.[1] ?? "";
  const others = head.split(/\r?\n/).filter((line) => line !== "" && !/^content-(?:disposition|type):/i.test(line));
  const type = /^content-type:[ \t]*(.*)$/im.exec(head)?.[1]?.trim();
  const members = [
    ["type", type],
    ["filename", parameter(disposition, "filename")],
    ["filename*", parameter(disposition, "filename\\*")], // RFC 5987: with its charset and percent-encoded
    ["disposition", disposition.split(";")[0]?.trim().toLowerCase() || undefined],
    ["headers", others.length === 0 ? undefined : others.sort().join("\n")],
  ].flatMap(([key, value]) => (value === undefined ? [] : [`${JSON.stringify(key)}:${JSON.stringify(value)}`]));
  members.push(`"content":${contentOf(content, type)}`);
  return `${JSON.stringify(parameter(disposition, "name") ?? String(at))}:{${members.join()}}`;
}

function contentOf(content: Buffer, type: string | undefined): string {
  const essence = type === undefined ? "text/plain" : (parseMediaType(type)?.essence ?? "");
  if (!isUtf8(content)) return bytesAsJson(content);
  const text = content.toString();
  if (isJsonType(essence) && parseJson(text) !== undefined) return text.replace(/^\ufeff/, "");
  return JSON.stringify(text);
}

function parameter(disposition: string, name: string): string | undefined {
  const value = `(?:"((?:[^"\\\\]|\\\\.)*)|([^;]*))`;
  const [, quoted, token] = new RegExp(`(?:^|[;\\s])${name}=${value}`, "i").exec(disposition) ?? [];
  return quoted ?? token?.trim();
}
