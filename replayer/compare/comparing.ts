import { deframeGrpc, isGrpcType, mediaType } from "../../message/index.js";
import type { Exchange, RuleReport } from "../../tape/index.js";
import type { CompareOptions } from "./answers.js";
import { SchemaBook } from "./kinds/grpc-schemas.js";
import type { Descriptors } from "./protobuf/descriptors.js";
import type { Rule } from "./rules/rule.js";
import { RuleBook } from "./rules/rule-book.js";
import type { ScopedCall } from "./rules/scope.js";

/** What the operator says about comparing. */
export interface CompareSettings {
  rules?: readonly Rule[];
  /** Schemas of gRPC methods; inferred from the messages without them. */
  descriptors?: Descriptors;
}

/** Whose answers are compared. */
export interface ComparedCall {
  callee: string;
  route: string;
  method: string;
}

/** What comparing stands on in one run, and what it has noted. */
export interface Comparing {
  /** For the answers to one call; `exchange` is the recorded one, or the reference's. */
  optionsFor(call: ComparedCall, exchange: Exchange): Pick<CompareOptions, "rules" | "grpc">;
  rules(): RuleReport[] | undefined;
  warnings(): string[];
}

/** Of so many recorded answers of each gRPC method the messages are looked at even when nothing differs. */
const sampledAnswers = 200;

export function openComparing({ rules, descriptors }: CompareSettings = {}): Comparing {
  const book = rules === undefined || rules.length === 0 ? undefined : new RuleBook(rules);
  const schemas = new SchemaBook(descriptors);
  const sampled = new Map<string, number>();

  const grpcOf = (exchange: Exchange) => {
    if (!isGrpcType(mediaType(exchange.request.headers)?.essence ?? "")) return undefined;
    const { path } = exchange.request;
    const known = schemas.for(path);
    const times = sampled.get(path) ?? 0;
    if (times < sampledAnswers && sampled.size < 10_000) {
      sampled.set(path, times + 1);
      known.observe(plainMessages(exchange));
    }
    return known;
  };
  return {
    optionsFor(call, exchange) {
      const own = book?.for(scopedCall(call, exchange));
      const grpc = grpcOf(exchange);
      return own === undefined && grpc === undefined ? none : { rules: own, grpc };
    },
    rules: () => book?.reports(),
    warnings: () => [...(book?.warnings() ?? []), ...schemas.warnings()],
  };
}

const none = {};

/** A call as rules are scoped to it. */
function scopedCall({ callee, route, method }: ComparedCall, exchange: Exchange): ScopedCall {
  const { answer } = exchange;
  const call = { hop: callee, route, method, exchange };
  return answer.kind === "response" || answer.kind === "status-only" ? { ...call, status: answer.status } : call;
}

/** The messages of a recorded answer that were not compressed. */
function plainMessages({ answer }: Exchange): Uint8Array[] {
  if (answer.kind !== "response" || answer.body.kind !== "whole") return [];
  return deframeGrpc(answer.body.bytes).messages.flatMap(({ compressed, bytes }) => (compressed ? [] : [bytes]));
}
