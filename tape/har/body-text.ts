import { isUtf8 } from "node:buffer";
import { parseMediaType } from "../../message/index.js";

/** The text of bytes where they are UTF-8, so that the same bytes come back; undefined where they are not. */
export function textOf(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString("utf8") : undefined;
}

const singleByte: ReadonlySet<string> = new Set(["iso-8859-1", "latin1", "us-ascii"]);

/**
 * The bytes that a decoded text stood for: by its charset where that is a Latin-1 one, by the length they had where that
 * tells, else UTF-8.
 */
export function bytesOfText(text: string, contentType: string | undefined, statedBytes: number | undefined): Buffer {
  const charset = contentType === undefined ? undefined : parseMediaType(contentType)?.parameters.get("charset");
  const mayBeLatin1 = text.length === statedBytes || (charset !== undefined && singleByte.has(charset.toLowerCase()));
  return Buffer.from(text, mayBeLatin1 && !/[^\0-\xff]/.test(text) ? "latin1" : "utf8");
}

/** The bytes of base64, of any alphabet and padding; undefined for what is none. */
export function bytesOfBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(text) ? Buffer.from(text, "base64") : undefined;
}
