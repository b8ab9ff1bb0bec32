import { answerEnds, answerKinds, bodyKinds, failureReasons, requestEnds } from "../../codes.js";
import { protocols, vantages } from "../../exchange.js";
import { pathStartOf } from "../../path-start.js";
import type { RedactedAnswer } from "../../redaction/index.js";
import { answerBodyOf, type Sighting } from "../../sighting/sighting.js";

/**
 * What many Exchanges of a tape have in common, kept once: a row of table `shape`. Numbers are codes (tape/codes.ts). The
 * texts are null in the few shapes that stand for Exchanges of all sorts: those say their own in their record.
 */
export interface Shape {
  vantage: number;
  protocol: number;
  requestEnd: number;
  requestBodyKind: number;
  answerKind: number;
  answerStatus: number | null;
  /** End of a response, or reason of a failure. */
  answerEnd: number | null;
  answerBodyKind: number;
  method: string | null;
  scheme: string | null;
  authority: string | null;
  callee: string | null;
  caller: string | null;
  /** See `pathStartOf`. */
  pathStart: string | null;
}

/** Whether `shapeOf` would give this very shape; made for the writing thread, where one call is much like the one before. */
export function isShapeOf(shape: Shape, { part, parties }: Sighting): boolean {
  const { request } = part;
  const answer = part.answer ?? unknownAnswer;
  return (
    shape.method === request.method &&
    shape.authority === request.authority &&
    shape.callee === parties.callee &&
    shape.caller === (parties.caller ?? null) &&
    shape.scheme === request.scheme &&
    shape.answerStatus === ("status" in answer ? answer.status : null) &&
    vantages[shape.vantage] === part.vantage &&
    protocols[shape.protocol] === request.protocol &&
    requestEnds[shape.requestEnd] === request.end &&
    bodyKinds[shape.requestBodyKind] === request.body.kind &&
    answerKinds[shape.answerKind] === answer.kind &&
    bodyKinds[shape.answerBodyKind] === answerBodyOf(part).kind &&
    shape.answerEnd === answerEndCode(answer) &&
    shape.pathStart === pathStartOf(request.path)
  );
}

export function shapeOf({ part, parties }: Sighting): Shape {
  const { request } = part;
  const answer = part.answer ?? unknownAnswer;
  return {
    vantage: vantages.indexOf(part.vantage),
    protocol: protocols.indexOf(request.protocol),
    requestEnd: requestEnds.indexOf(request.end),
    requestBodyKind: bodyKinds.indexOf(request.body.kind),
    answerKind: answerKinds.indexOf(answer.kind),
    answerStatus: "status" in answer ? answer.status : null,
    answerEnd: answerEndCode(answer),
    answerBodyKind: bodyKinds.indexOf(answerBodyOf(part).kind),
    method: request.method,
    scheme: request.scheme,
    authority: request.authority,
    callee: parties.callee,
    caller: parties.caller ?? null,
    pathStart: pathStartOf(request.path),
  };
}

const unknownAnswer: RedactedAnswer = { kind: "unknown" };

function answerEndCode(answer: RedactedAnswer): number | null {
  if (answer.kind === "response") return answerEnds.indexOf(answer.end);
  return answer.kind === "failure" ? failureReasons.indexOf(answer.reason) : null;
}

/** The shape without what differs from caller to caller: for the Exchanges of a segment that has too many shapes. */
export function withoutTexts(shape: Shape): Shape {
  return { ...shape, method: null, scheme: null, authority: null, callee: null, caller: null, pathStart: null };
}

/** Equal for equal shapes alone. */
export function shapeKey(shape: Shape): string {
  const codes = `${shape.vantage} ${shape.protocol} ${shape.requestEnd} ${shape.requestBodyKind} ${shape.answerKind} ${shape.answerStatus} ${shape.answerEnd} ${shape.answerBodyKind}`;
  if (shape.method === null) return codes;
  const caller = shape.caller === null ? "" : `\0${shape.caller}`;
  return `${codes}\0${shape.method}\0${shape.scheme}\0${shape.authority}\0${shape.callee}\0${shape.pathStart}${caller}`;
}
