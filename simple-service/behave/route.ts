import { z } from "zod";
import { checked } from "./checked.js";
import { compileTemplate } from "./template.js";
import { compileText } from "./text.js";
import type { Template } from "./value-kind.js";

/** How a route answers: what a route in the file says, and what a change may say anew. */
export const answerShape = {
  status: z.int().min(200).max(599).optional(),
  statusOnFailedCall: z.int().min(200).max(599).nullable().optional(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string()), z.null()])).optional(),
  delayMs: z.unknown().optional(),
  calls: z.record(z.string(), z.union([z.string(), z.null(), z.looseObject({})])).optional(),
  body: z.unknown().optional(),
  text: z.string().optional(),
  encoding: z.enum(["identity", "gzip", "deflate", "br"]).optional(),
  cutAfterBytes: z.int().min(0).optional(),
};
export type WrittenAnswer = z.infer<z.ZodObject<typeof answerShape>>;

const callSchema = z.strictObject({
  to: z.string(),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
  body: z.unknown().optional(),
});

/** An answer ready to be rendered. A header or call that is null is none. */
export interface AnswerPlan {
  status: number;
  /** Instead, when one of its calls was not answered with a 2xx; null for the same. */
  statusOnFailedCall: number | null;
  headers: Readonly<Record<string, readonly Template[] | null>>;
  delayMs: Template;
  calls: Readonly<Record<string, CallPlan | null>>;
  content: { kind: "json"; body: Template } | { kind: "text"; text: Template } | { kind: "none" };
  encoding: "identity" | "gzip" | "deflate" | "br";
  cutAfterBytes: number | undefined;
}

export interface CallPlan {
  method: string;
  to: Template;
  body: Template | undefined;
}

export const emptyPlan: AnswerPlan = {
  status: 200,
  statusOnFailedCall: null,
  headers: {},
  delayMs: () => 0,
  calls: {},
  content: { kind: "none" },
  encoding: "identity",
  cutAfterBytes: undefined,
};

/** What was written, compiled: only the parts that were said, to be laid over another plan. */
export function compileAnswer(written: WrittenAnswer, where: string): Partial<AnswerPlan> {
  const part: Partial<AnswerPlan> = {};
  if (written.status !== undefined) part.status = written.status;
  if (written.statusOnFailedCall !== undefined) part.statusOnFailedCall = written.statusOnFailedCall;
  if (written.headers) part.headers = mapValues(written.headers, (value) => compileHeader(value, `${where}.headers`));
  if (written.delayMs !== undefined)
    part.delayMs = compileTemplate(written.delayMs, { where: `${where}.delayMs`, place: "delayMs" });
  if (written.calls)
    part.calls = mapValues(written.calls, (value, name) => compileCall(value, `${where}.calls.${name}`));
  if (written.text !== undefined) part.content = { kind: "text", text: compileText(written.text, `${where}.text`) };
  if (written.body !== undefined)
    part.content = { kind: "json", body: compileTemplate(written.body, { where: `${where}.body`, place: "" }) };
  if (written.encoding) part.encoding = written.encoding;
  if (written.cutAfterBytes !== undefined) part.cutAfterBytes = written.cutAfterBytes;
  return part;
}

/** The plan with a part laid over it: headers and calls are merged by name, everything else is replaced. */
export function overlaid(plan: AnswerPlan, part: Partial<AnswerPlan>): AnswerPlan {
  return {
    ...plan,
    ...part,
    headers: { ...plan.headers, ...part.headers },
    calls: { ...plan.calls, ...part.calls },
  };
}

function compileHeader(value: string | string[] | null, where: string): readonly Template[] | null {
  if (value === null) return null;
  return (Array.isArray(value) ? value : [value]).map((text) => compileText(text, where));
}

function compileCall(written: string | object | null, where: string): CallPlan | null {
  if (written === null) return null;
  const call = checked(callSchema, typeof written === "string" ? { to: written } : written, where);
  const body =
    call.body === undefined ? undefined : compileTemplate(call.body, { where: `${where}.body`, place: where });
  return { method: call.method, to: compileText(call.to, `${where}.to`), body };
}

function mapValues<T, R>(record: Record<string, T>, change: (value: T, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
