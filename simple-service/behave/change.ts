import { z } from "zod";
import { drawnFrom } from "../chance.js";
import { identityOf, type ServiceRequest } from "../request.js";
import { checked } from "./checked.js";
import type { Edit } from "./edits/edit.js";
import { allEdits } from "./edits/index.js";
import { type AnswerPlan, answerShape, compileAnswer } from "./route.js";

/** What a version does differently, on one route or all (`*`), for all calls or a share of them. */
export interface Change {
  /** In the file, for refusals. */
  where: string;
  route: string;
  meets(request: ServiceRequest): boolean;
  part: Partial<AnswerPlan>;
  edits: readonly Edit[];
}

const schema = z.strictObject({
  route: z.string(),
  sharePercent: z.number().min(0).max(100).default(100),
  drawnBy: z.enum(["path", "request"]).default("path"),
  ...answerShape,
  ...Object.fromEntries(allEdits.map((kind) => [kind.name, z.unknown().optional()])),
});

/** From the `changes` of a behave file. Throws a Refusal that names the place. */
export function compileChanges(written: readonly unknown[]): Change[] {
  return written.map((value, at) => compileChange(value, `changes[${at}]`, at));
}

function compileChange(value: unknown, where: string, at: number): Change {
  const change = checked(schema, value, where) as z.infer<typeof schema> & Record<string, unknown>;
  const asked = allEdits.filter((kind) => change[kind.name] !== undefined);
  return {
    where,
    route: change.route,
    meets: (request) => meets(request, change, at),
    part: compileAnswer(change, where),
    edits: asked.map((kind) => kind.compile(change[kind.name], `${where}.${kind.name}`)),
  };
}

function meets(request: ServiceRequest, change: Pick<z.infer<typeof schema>, "sharePercent" | "drawnBy">, at: number) {
  const subject = change.drawnBy === "request" ? identityOf(request) : `${request.path}?${request.query}`;
  return drawnFrom("change", at, request.method, subject) * 100 < change.sharePercent;
}
