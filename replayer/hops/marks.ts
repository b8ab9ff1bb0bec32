import { replayMarks } from "../../base/index.js";
import { allValues, firstValue, type HeaderList } from "../../message/index.js";
import type { TapeReader } from "../../tape/index.js";

/** Which Step of which lane a call belongs to. */
export interface MarkedStep {
  step: number;
  lane: string;
}

/** How many Exchanges are asked for at a time. */
const idsAtATime = 500;

/** The marks of one run among these Exchanges, by Exchange id; those without are left out. */
export async function readMarks(
  tape: TapeReader,
  ids: readonly number[],
  run: string,
): Promise<Map<number, MarkedStep>> {
  const marks = new Map<number, MarkedStep>();
  for (let at = 0; at < ids.length; at += idsAtATime) {
    for await (const { id, request } of tape.read({ ids: ids.slice(at, at + idsAtATime) })) {
      const mark = markOf(request.headers, run);
      if (mark !== undefined) marks.set(id, mark);
    }
  }
  return marks;
}

/** The mark in a request's headers: our own fields, else our members of `baggage` (W3C Baggage, section 3.2). */
export function markOf(headers: HeaderList, run: string): MarkedStep | undefined {
  const members = new Map(allValues(headers, "baggage").flatMap(membersOf));
  const mark = (name: "run" | "step" | "lane") =>
    firstValue(headers, replayMarks[name]) ?? members.get(`tapeloop.${name}`);
  const [step, lane] = [mark("step"), mark("lane")];
  if (mark("run") !== run || lane === undefined || step === undefined || !/^\d+$/.test(step)) return undefined;
  return { step: Number(step), lane };
}

/** Properties after `;` say nothing to us. */
function membersOf(baggage: string): [name: string, value: string][] {
  return baggage.split(",").map((member) => {
    const [name = "", value = ""] = member.split(";", 1)[0]!.split("=", 2);
    return [name.trim(), value.trim()];
  });
}
