import {
  type Body,
  contentCodings,
  decodeContent,
  encodeContent,
  firstValue,
  type HeaderList,
  isJsonType,
  mediaType,
} from "../../../message/index.js";
import { walkHtml } from "./html.js";
import { walkJson } from "./json.js";
import type { PlaceNode } from "./place-filter.js";
import { Spot, type Visit } from "./spot.js";
import { walkForm } from "./target.js";

/** A text body that is longer than this is no token. */
const longestToken = 4096;
/** Larger ones are not looked into: state is small, and they would be parsed for nothing. */
const largestBytes = 4 * 2 ** 20;

/**
 * Visits the values of a whole body that is JSON, a urlencoded form, HTML or one token, its content codings undone and
 * done again. The very same body comes back when nothing was replaced. `inJson`: which values of JSON are looked for.
 */
export function walkBody(body: Body, headers: HeaderList, visit: Visit, inJson?: PlaceNode): Body {
  if (body.kind !== "whole" || body.bytes.length === 0 || body.bytes.length > largestBytes) return body;
  const coding = firstValue(headers, "content-encoding");
  if (contentCodings(coding).length === 0) {
    const replaced = walkContent(bufferOf(body.bytes), headers, visit, inJson);
    return replaced === undefined ? body : { ...body, bytes: replaced };
  }
  const decoded = decodeContent(body.bytes, coding, largestBytes);
  if (decoded.kind !== "decoded") return body;
  const replaced = walkContent(bufferOf(decoded.bytes), headers, visit, inJson);
  if (replaced === undefined) return body;
  return { ...body, bytes: encodeContent(replaced, coding, body.bytes) };
}

function walkContent(
  bytes: Buffer,
  headers: HeaderList,
  visit: Visit,
  inJson: PlaceNode | undefined,
): Buffer | undefined {
  const essence = mediaType(headers)?.essence ?? "";
  if (isJsonType(essence) || beginsLikeJson(bytes)) return walkJson(bytes, new Spot("body:"), visit, inJson);
  if (essence === "application/x-www-form-urlencoded") {
    return asLatin1(walkForm(bytes.toString("latin1"), "form:", 0, visit));
  }
  if (essence === "text/html" || essence === "application/xhtml+xml") {
    return asLatin1(walkHtml(bytes.toString("latin1"), "body", visit));
  }
  if (!(essence === "text/plain" || essence === "application/jwt") || bytes.length > longestToken) return undefined;
  const text = bytes.toString("latin1");
  if (!/^[\x21-\x7e]+\s*$/.test(text)) return undefined;
  const spot = new Spot("body");
  spot.value = text.trimEnd();
  const replaced = visit(spot);
  return replaced === undefined ? undefined : Buffer.from(replaced + text.slice(spot.value.length), "utf8");
}

function asLatin1(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, "latin1");
}

function beginsLikeJson(bytes: Buffer): boolean {
  return bytes[0] === 0x7b || bytes[0] === 0x5b;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
