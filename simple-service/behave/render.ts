import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type PeerAnswer, succeeded } from "../peers.js";
import type { Reply } from "../reply.js";
import type { ServiceRequest } from "../request.js";
import type { Service } from "../service.js";
import type { Route } from "./behaviour.js";
import type { Edit } from "./edits/edit.js";
import { jsonText, plainText } from "./json.js";
import { type AnswerPlan, overlaid } from "./route.js";
import type { Scope } from "./value-kind.js";

/** The answer of one route to one request: changes laid over, calls made, templates rendered, edits applied. */
export async function renderAnswer(
  route: Route,
  params: Record<string, string>,
  request: ServiceRequest,
  service: Service,
): Promise<Reply> {
  const changes = route.changes.filter((change) => change.meets(request));
  const plan = changes.reduce((sofar, change) => overlaid(sofar, change.part), route.plan);
  const before = { request, params, service, subject: subjectOf(request), answers: new Map() };
  const scope = { ...before, answers: await makeCalls(plan, before, service) };
  const content = renderContent(
    plan,
    scope,
    changes.flatMap((change) => change.edits),
  );
  return {
    status: statusOf(plan, scope),
    headers: { ...content.headers, ...renderHeaders(plan, scope) },
    body: content.body,
    delayMs: Number(plan.delayMs(scope)),
    ...(plan.cutAfterBytes !== undefined && { cutAfterBytes: plan.cutAfterBytes }),
  };
}

function statusOf({ status, statusOnFailedCall }: AnswerPlan, { answers }: Scope): number {
  return statusOnFailedCall !== null && ![...answers.values()].every(succeeded) ? statusOnFailedCall : status;
}

function subjectOf(request: ServiceRequest): string {
  return request.query.size === 0 ? request.path : `${request.path}?${request.query}`;
}

/** All at once; the answers by the calls' names. */
async function makeCalls(plan: AnswerPlan, scope: Scope, service: Service): Promise<Map<string, PeerAnswer>> {
  const made = Object.entries(plan.calls).map(async ([name, call]) => {
    if (!call) return undefined;
    const body = call.body && Buffer.from(jsonText(call.body(scope)));
    const sent = { to: plainText(call.to(scope)), method: call.method, ...(body && { body }) };
    return [name, await service.peers.call(sent, scope.request.headers)] as const;
  });
  return new Map((await Promise.all(made)).filter((entry) => entry !== undefined));
}

const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

function renderContent(plan: AnswerPlan, scope: Scope, edits: readonly Edit[]): Pick<Reply, "headers" | "body"> {
  const { type, text } = renderText(plan, scope, edits);
  const headers: Reply["headers"] = type === undefined ? {} : { "content-type": type };
  if (plan.encoding === "identity") return { headers, body: Buffer.from(text) };
  return { headers: { ...headers, "content-encoding": plan.encoding }, body: encoders[plan.encoding](text) };
}

function renderText(plan: AnswerPlan, scope: Scope, edits: readonly Edit[]): { type?: string; text: string } {
  if (plan.content.kind === "none") return { text: "" };
  if (plan.content.kind === "text") return { type: "text/plain", text: plainText(plan.content.text(scope)) };
  const body = plan.content.body(scope);
  for (const edit of edits) edit(body, scope);
  return { type: "application/json", text: jsonText(body) };
}

function renderHeaders(plan: AnswerPlan, scope: Scope): Reply["headers"] {
  const headers: Reply["headers"] = {};
  for (const [name, templates] of Object.entries(plan.headers)) {
    if (!templates) continue;
    const values = templates.map((template) => plainText(template(scope)));
    headers[name.toLowerCase()] = values.length === 1 ? values[0]! : values;
  }
  return headers;
}
