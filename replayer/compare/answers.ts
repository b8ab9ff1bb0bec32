import { withoutParameter } from "../../message/index.js";
import type { Answer, AnswerEnd, Difference, Place } from "../../tape/index.js";
import { compareBodies, compareCodings } from "./bodies.js";
import { compareFields } from "./fields.js";
import { withGrpcStatusInTrailers } from "./grpc-status.js";
import type { GrpcSchemas } from "./kinds/grpc-schemas.js";
import { withoutRedacted } from "./redacted.js";
import type { AppliedRules } from "./rules/rule-book.js";
import { isSameAnswer } from "./same.js";

/** What a comparison is told beside the two Answers. */
export interface CompareOptions {
  /**
   * Places (as in `Exchange.redacted.answer`) where a pseudonym stands on one side and the secret itself on the other,
   * because the redaction key is not at hand: only their class is compared.
   */
  redactedByClass?: ReadonlySet<Place>;
  /** The body hashes of the two sides were made with different keys: they say nothing about each other. */
  hashesUnrelated?: boolean;
  /** The operator's rules for this call. */
  rules?: AppliedRules | undefined;
  /** What is known of the messages of the call's gRPC method. */
  grpc?: GrpcSchemas | undefined;
  /** Lower-case names of header and trailer fields to leave out, beside the volatile and hop-by-hop ones. */
  ignoreHeaders?: ReadonlySet<string>;
}

type Response = Extract<Answer, { kind: "response" }>;

/**
 * Every typed Difference between two Answers; `expected` is the reference's side. Pure; none for equal Answers, and
 * whether there is any does not depend on which side is which. Places are concrete (`body:/items/3/id`).
 *
 * An `unknown` Answer differs from nothing: there is nothing to compare, which the caller has to count. Of a
 * `status-only` one the status is compared. The time after which a call failed is not.
 */
export function compareAnswers(expected: Answer, actual: Answer, options: CompareOptions = {}): Difference[] {
  const { rules } = options;
  rules?.note(expected);
  if (isSameAnswer(expected, actual)) return [];
  if (expected.kind === "unknown" || actual.kind === "unknown") return [];
  if (expected.kind === "failure" || actual.kind === "failure") {
    return shown(compareFailures(expected, actual), rules);
  }
  const found = shown(compareStatus(expected.status, actual.status), rules);
  if (expected.kind === "response" && actual.kind === "response") {
    for (const difference of compareResponses(expected, actual, options)) found.push(difference);
  }
  return found;
}

/** Without those outside of bodies that a rule hides; what differs in a body passed the rules there. */
function shown(found: Difference[], rules: AppliedRules | undefined): Difference[] {
  return rules === undefined ? found : found.filter((difference) => !rules.hidesField(difference));
}

function compareFailures(expected: Answer, actual: Answer): Difference[] {
  const sides = { expected: inWords(expected), actual: inWords(actual) };
  if (sides.expected === sides.actual) return [];
  return [{ kind: "failure", place: "status", severity: "high", ...sides }];
}

function inWords(answer: Answer): string {
  switch (answer.kind) {
    case "response":
    case "status-only":
      return `status ${answer.status}`;
    case "failure":
      return answer.reason;
    case "unknown":
      return "unknown";
  }
}

function compareStatus(expected: number, actual: number): Difference[] {
  return expected === actual ? [] : [{ kind: "status", place: "status", severity: "high", expected, actual }];
}

function compareResponses(expected: Response, actual: Response, options: CompareOptions): Difference[] {
  const [left, right] = [withGrpcStatusInTrailers(expected), withGrpcStatusInTrailers(actual)];
  const { differences, readAs } = compareBodies(left, right, options);
  const [from, to] = readAs === "multipart" ? [withoutBoundary(left), withoutBoundary(right)] : [left, right];
  const fields = [
    ...compareEnds(left, right),
    ...compareFields("header", from, to, options.ignoreHeaders),
    ...compareFields("trailer", left, right, options.ignoreHeaders),
    ...compareCodings(left, right),
  ];
  const found = [...shown(fields, options.rules), ...differences];
  return options.redactedByClass === undefined ? found : withoutRedacted(found, options.redactedByClass);
}

/** What stood between the parts is undone where the parts were compared: it is made anew for each answer. */
function withoutBoundary(response: Response): Response {
  const headers = response.headers.map(([name, value]): [string, string] => [
    name,
    name.toLowerCase() === "content-type" ? withoutParameter(value, "boundary") : value,
  ]);
  return { ...response, headers };
}

/** Ends that a client, or the watcher, may be the cause of: they tell nothing about the service. */
const untold: ReadonlySet<AnswerEnd> = new Set(["client-aborted", "open", "broken-off"]);

function compareEnds({ end: expected }: Response, { end: actual }: Response): Difference[] {
  if (expected === actual || (expected === "client-aborted" && (actual === "open" || actual === "complete"))) return [];
  const byOthers = [expected, actual].some((end) => untold.has(end));
  return [{ kind: "answer-end", place: "body", severity: byOthers ? "low" : "high", expected, actual }];
}
