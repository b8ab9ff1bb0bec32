import { allValues, type Body, decodeContent, type HeaderList, volatileResponseFields } from "../../message/index.js";
import type { Answer } from "../../tape/index.js";
import { countInWords } from "../numbers.js";
import { jsonLines, type Line } from "./json-lines.js";
import { linePlace } from "./line-place.js";

/** Of a body: more is not laid out, for a page is no place to read it. */
const shownBodyBytes = 512 * 1024;
const shownBinaryBytes = 2048;

/** Framing and hops, not what the service said; a group about one of them is shown by its two values. */
const leftOut = new Set([...volatileResponseFields, "connection", "content-length", "keep-alive", "transfer-encoding"]);

const bodyPlace = linePlace("body");

/** An Answer as lines to be read: status, header fields by name, the decoded body, trailers. */
export function answerLines(answer: Answer): Line[] {
  switch (answer.kind) {
    case "failure":
      return [{ text: `${answer.reason} after ${countInWords(answer.afterMs)} ms`, place: linePlace("status") }];
    case "status-only":
      return [{ text: `HTTP ${answer.status} (from an access log)`, place: linePlace("status") }];
    case "unknown":
      return [{ text: "not seen from this vantage", place: linePlace("status") }];
    case "response":
      return [
        { text: `HTTP ${answer.status}`, place: linePlace("status") },
        ...fieldLines(answer.headers, "header"),
        { text: "" },
        ...bodyLines(answer.body, answer.headers),
        ...fieldLines(answer.trailers, "trailer"),
        ...(answer.end === "complete" ? [] : [{ text: `ended: ${answer.end}`, place: linePlace("end") }]),
      ];
  }
}

function fieldLines(fields: HeaderList, kind: "header" | "trailer"): Line[] {
  return fields
    .map(([name, value]) => ({ name: name.toLowerCase(), value }))
    .filter(({ name }) => !leftOut.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ name, value }) => ({
      text: `${name}: ${value}`,
      place: linePlace(`${kind}:${name}${cookieIn(name, value)}`),
    }));
}

/** Cookies are told apart by their names, as their places are. */
function cookieIn(name: string, value: string): string {
  return name === "set-cookie" ? `/${value.split("=", 1)[0]!.trim()}` : "";
}

function bodyLines(body: Body, headers: HeaderList): Line[] {
  switch (body.kind) {
    case "empty":
      return [];
    case "unredactable":
      return [
        { text: `body of ${countInWords(body.fullBytes)} bytes, not kept: it may hold secrets`, place: bodyPlace },
      ];
    case "cut":
      return [
        ...contentLines(body.bytes, undefined),
        {
          text: `… the first ${countInWords(body.bytes.length)} of ${countInWords(body.fullBytes)} bytes`,
          place: bodyPlace,
        },
      ];
    case "whole":
      return contentLines(body.bytes, allValues(headers, "content-encoding").join(",") || undefined);
  }
}

function contentLines(bytes: Uint8Array, contentEncoding: string | undefined): Line[] {
  const content = decodeContent(bytes, contentEncoding);
  const shown = content.kind === "decoded" ? content.bytes : bytes;
  const text = utf8(shown);
  if (text === undefined) return hexLines(shown);
  if (shown.length > shownBodyBytes) {
    const cut = {
      text: `… the first ${countInWords(shownBodyBytes)} of ${countInWords(shown.length)} bytes`,
      place: bodyPlace,
    };
    return [...textLines(text.slice(0, shownBodyBytes)), cut];
  }
  return jsonLines(text) ?? textLines(text);
}

function textLines(text: string): Line[] {
  return text.split(/\r?\n/).map((line) => ({ text: line, place: bodyPlace }));
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // Text may hold a stray control character; binary formats hold NULs.
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function hexLines(bytes: Uint8Array): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < Math.min(bytes.length, shownBinaryBytes); at += 16) {
    const row = bytes.subarray(at, at + 16);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const chars = [...row].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push({ text: `${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${chars}`, place: bodyPlace });
  }
  if (bytes.length > shownBinaryBytes)
    lines.push({ text: `… of ${countInWords(bytes.length)} bytes`, place: bodyPlace });
  return lines;
}
