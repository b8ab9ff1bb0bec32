import { type Body, firstValue } from "../message/index.js";
import { type Answer, type Exchange, type RedactionKey, redactAnswer } from "../tape/index.js";

/**
 * A live Answer as it is compared and kept: redacted with `key`. A body that is known to hold no secret, for the
 * recorded one of the same bytes and type held none, is not searched again; that is most of them.
 */
export function redactLive(live: Answer, exchange: Exchange, key: RedactionKey, options: { sameKey: boolean }): Answer {
  if (live.kind !== "response" || !options.sameKey || !isKnownClean(live, exchange)) {
    return redactAnswer(live, key).answer;
  }
  const bodiless = { ...live, body: emptyBody };
  const { answer } = redactAnswer(bodiless, key);
  return answer === bodiless || answer.kind !== "response" ? live : { ...answer, body: live.body };
}

const emptyBody: Body = { kind: "empty" };

function isKnownClean(live: Answer & { kind: "response" }, { answer, redacted }: Exchange): boolean {
  return (
    redacted.answer.length === 0 &&
    answer.kind === "response" &&
    live.body.kind === "whole" &&
    answer.body.kind === "whole" &&
    live.body.hash === answer.body.hash &&
    sameField(live, answer, "content-type") &&
    sameField(live, answer, "content-encoding")
  );
}

function sameField(a: Answer & { kind: "response" }, b: Answer & { kind: "response" }, lowerName: string): boolean {
  return firstValue(a.headers, lowerName) === firstValue(b.headers, lowerName);
}
