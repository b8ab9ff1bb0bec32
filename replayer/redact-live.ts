import { firstValue, type HeaderList } from "../message/index.js";
import { type Answer, type Exchange, type RedactionKey, type RedactionRules, redactAnswer } from "../tape/index.js";
import { rememberPerList, rememberPerPair } from "./remember.js";

/** How live answers are redacted beside the key. */
export interface LiveRedaction {
  /** The tape was redacted with that key. */
  sameKey: boolean;
  /** What the recorder of an Exchange redacted, where that was not just what is done unasked. */
  rulesOf?: (incarnation: string) => readonly RedactionRules[];
}

/** Gives live Answers as they are compared and kept. */
export type LiveRedactor = (live: Answer, exchange: Exchange) => Answer;

/**
 * Redacts live Answers with `key`. A body that is known to hold no secret, for the recorded one of the same bytes and
 * type held none, is not searched again, nor are fields that were met before; that is most of them.
 */
export function liveRedactor(key: RedactionKey, { sameKey, rulesOf }: LiveRedaction): LiveRedactor {
  const redactFields = new Map<string, (headers: HeaderList) => HeaderList>();
  const fieldRedactor = (incarnation: string) => {
    let found = redactFields.get(incarnation);
    if (found === undefined) {
      const rules = rulesOf?.(incarnation);
      found = rememberPerList((headers) => redactedFields(headers, key, rules));
      redactFields.set(incarnation, found);
    }
    return found;
  };
  return (live, exchange) => {
    if (live.kind !== "response") return live;
    const { incarnation } = exchange.recorder;
    if (!sameKey || live.trailers.length > 0 || !isKnownClean(live, exchange)) {
      return redactAnswer(live, key, rulesOf?.(incarnation)).answer;
    }
    const headers = fieldRedactor(incarnation)(live.headers);
    return headers === live.headers ? live : { ...live, headers };
  };
}

/** The list itself when it holds no secret. */
function redactedFields(
  headers: HeaderList,
  key: RedactionKey,
  rules: readonly RedactionRules[] | undefined,
): HeaderList {
  const { answer } = redactAnswer(
    { kind: "response", status: 200, headers, trailers: [], body: { kind: "empty" }, end: "complete" },
    key,
    rules,
  );
  return answer.kind === "response" ? answer.headers : headers;
}

function isKnownClean(live: Answer & { kind: "response" }, { answer, redacted }: Exchange): boolean {
  if (live.body.kind === "empty") return true;
  return (
    redacted.answer.length === 0 &&
    answer.kind === "response" &&
    live.body.kind === "whole" &&
    answer.body.kind === "whole" &&
    live.body.hash === answer.body.hash &&
    isReadAlike(live.headers, answer.headers)
  );
}

const isReadAlike = rememberPerPair(
  (one, other) =>
    firstValue(one, "content-type") === firstValue(other, "content-type") &&
    firstValue(one, "content-encoding") === firstValue(other, "content-encoding"),
);
