import { isUtf8 } from "node:buffer";
import { allValues, type Body, firstValue, type HeaderList, isIdempotencyKey } from "../../message/index.js";
import type { Answer, Difference } from "../../tape/index.js";
import { type CompareOptions, compareAnswers } from "./answers.js";
import { excerpt } from "./excerpt.js";

/** The requests that two Answers are to: fields by lower-case name, `host` among them; several of one name as a list. */
export interface Asked {
  expected: RequestFields;
  actual: RequestFields;
}
export type RequestFields = ReadonlyMap<string, string>;

/**
 * Compares two Answers to requests that were not the same in every field: trace, marks, host, a live session's cookies.
 * What an Answer merely repeats of its own request is no Difference: a field's value under its name, and wherever it
 * stands when it is of a form that does not stand there by chance. `asked` is looked at only where the Answers differ.
 */
export function compareAsked(
  expected: Answer,
  actual: Answer,
  asked: () => Asked,
  options: CompareOptions = {},
): Difference[] {
  const found = compareAnswers(expected, actual, options);
  if (found.length === 0 || expected.kind !== "response" || actual.kind !== "response") return found;
  const requests = asked();
  const names = namesThatDiffer(requests);
  const left = withoutRepeated(expected, requests.expected, names);
  const right = withoutRepeated(actual, requests.actual, names);
  const isEchoing = left !== expected || right !== actual;
  const real = found.filter((one) => !isEcho(one, requests));
  if (!isEchoing || real.length === 0) return real;
  // Only what was there before can stay: a value taken out of one side may make that side look another.
  const stays = new Set(
    compareAnswers(left, right, { ...options, rules: options.rules?.uncounted }).map(
      ({ kind, place }) => `${kind} ${place}`,
    ),
  );
  return real.filter(({ kind, place }) => stays.has(`${kind} ${place}`));
}

/** The fields of a request as {@link compareAsked} wants them. */
export function requestFields(headers: HeaderList, authority: string): RequestFields {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const fields = new Map([...names].map((name) => [name, allValues(headers, name).join(", ")]));
  return fields.set("host", authority);
}

function namesThatDiffer({ expected, actual }: Asked): string[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].filter((name) => expected.get(name) !== actual.get(name));
}

type Response = Extract<Answer, { kind: "response" }>;

/** The Answer with the name of the field in place of its value; the same object where there is none in it. */
function withoutRepeated(answer: Response, fields: RequestFields, names: readonly string[]): Response {
  const repeated = names.flatMap((name): [name: string, value: string][] => {
    const value = fields.get(name);
    return value === undefined || value === "" ? [] : [[name, value]];
  });
  // A longer value may hold a shorter one: `baggage` a run's id.
  repeated.sort(([, one], [, other]) => other.length - one.length);
  const replaced = (text: string) => repeated.reduce((sofar, [name, value]) => withoutValue(sofar, name, value), text);
  const headers = replacedFields(answer.headers, replaced);
  const body = replacedBody(answer, replaced);
  return headers === answer.headers && body === answer.body ? answer : { ...answer, headers, body };
}

/** Words and mere numbers stand in answers for other reasons too: they are taken out beside the field's name alone. */
function withoutValue(text: string, name: string, value: string): string {
  const isItsOwn =
    value.length >= 8 && (name === "host" || isIdempotencyKey(name) || (/\d/.test(value) && /[^\d.]/.test(value)));
  if (isItsOwn) return text.replaceAll(value, placeholder(name));
  if (!text.includes(value)) return text;
  const beside = new RegExp(`(\\b${escaped(name)}["']?\\s*[:=]\\s*["']?)${escaped(value)}(?![\\w-])`, "gi");
  return text.replace(beside, (_, before: string) => before + placeholder(name));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function placeholder(name: string): string {
  return `‹${name} of the request›`;
}

function replacedFields(headers: HeaderList, replaced: (text: string) => string): HeaderList {
  const found = headers.map(([name, value]): [string, string] => [name, replaced(value)]);
  return found.some(([, value], at) => value !== headers[at]![1]) ? found : headers;
}

/** Of bodies that are text as they stand; a coded one is compared as it is. */
function replacedBody({ body, headers }: Response, replaced: (text: string) => string): Body {
  const coding = firstValue(headers, "content-encoding") ?? "identity";
  if (body.kind !== "whole" || coding !== "identity" || !isUtf8(body.bytes)) return body;
  const text = Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.length).toString();
  const other = replaced(text);
  if (other === text) return body;
  return { ...body, bytes: Buffer.from(other) };
}

/** Both sides say under the name of a field what their own request had in it, or have nothing where it had nothing. */
function isEcho(difference: Difference, asked: Asked): boolean {
  const name = lastToken(difference.place);
  const [expected, actual] = [asked.expected.get(name), asked.actual.get(name)];
  if (expected === undefined && actual === undefined) return false;
  switch (difference.kind) {
    case "changed-value":
    case "changed-header":
      return isValue(difference.expected, expected) && isValue(difference.actual, actual);
    case "added-field":
    case "added-header":
      return expected === undefined && isValue(difference.actual, actual);
    case "missing-field":
    case "missing-header":
      return actual === undefined && isValue(difference.expected, expected);
    default:
      return false;
  }
}

/** In JSON with quotes, its own escaped. Long values are shown cut. */
function isValue(shown: string, value: string | undefined): boolean {
  return value !== undefined && (shown === excerpt(value) || shown === excerpt(JSON.stringify(value)));
}

/** Fields are lower case in most frameworks, and `X_REQUEST_ID`, `X-Request-Id` in some. */
function lastToken(place: string): string {
  const token = place.slice(Math.max(place.lastIndexOf("/"), place.indexOf(":")) + 1);
  return token.toLowerCase().replaceAll("_", "-");
}
