import { OperatorError, reasonOf, replayMarks } from "../../base/index.js";
import { deframeGrpc, firstValue, frameGrpc } from "../../message/index.js";
import type { Answer, RedactionKey, Request } from "../../tape/index.js";
import { authorityMaker } from "../authority.js";
import { tlsTroubleInWords } from "../lanes/tls-warnings.js";
import type { ReplayEnv, ReplayOptions } from "../options.js";
import { rewriterFor } from "../rewrite.js";
import { openSender, type Sent, securing } from "../send/index.js";
import { parseTarget } from "../target.js";
import { decodeReply, encodeQuestion, type Question, type Reply } from "./messages.js";

/** Whom to ask, and with what. */
export interface AskedTarget extends Pick<ReplayEnv, "clock" | "runId">, Pick<ReplayOptions, "headers" | "tls"> {
  /** Base URL. */
  target: string;
  key: RedactionKey;
}

/** Server reflection at one target. */
export interface Asking {
  /** The replies, in order of the questions. Throws an OperatorError when the target does not give them. */
  ask(questions: readonly Question[]): Promise<Reply[]>;
  close(): Promise<void>;
}

const methods = ["v1", "v1alpha"].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);

/** Descriptors lie ready in a server's memory: who takes longer for them is stuck. */
const answerWithinMs = 10_000;

/** More than the descriptors of any service known; the rest would be cut. */
const mostAnswerBytes = 64 << 20;

/**
 * Opens the way to a target's reflection (grpc.reflection.v1, else v1alpha). A stream that is half closed after its
 * questions is for HTTP/2 a request like any other, so it goes out as Steps do, the operator's header fields with it.
 */
export function openAsking({ target, headers, tls, clock, key, runId }: AskedTarget): Asking {
  const { origin, authority, pathPrefix } = parseTarget(target);
  const secure = securing(origin, tls)(authorityMaker({ authority, headers })(""));
  const keepBodyBytes = mostAnswerBytes;
  const sender = openSender(origin, { clock, http2: true, secure, connections: null, keepBodyBytes, key });
  const rewrite = rewriterFor({ run: runId, lane: "reflection", authority, pathPrefix, headers });
  // Marked as a replay's, so that no recorder takes it for traffic; it is no Step.
  const own = { list: () => [replayMarks.run, runId], lines: () => undefined };
  const left = [...methods];
  const send = (path: string, body: Uint8Array) =>
    new Promise<Sent>((landed, lost) => {
      const request = { ...rewrite(grpcRequest(path, authority, body), 0), own };
      sender.send(request, { timeoutMs: answerWithinMs }, { landed, lost });
    });
  return {
    async ask(questions) {
      const body = Buffer.concat(questions.map((question) => frameGrpc(encodeQuestion(question))));
      for (; left.length > 0; left.shift()) {
        const { answer } = await send(left[0]!, body);
        if (sender.tlsTrouble !== undefined) throw cannotAsk(target, tlsTroubleInWords(sender.tlsTrouble));
        if (!isUnknownMethod(answer)) return repliesOf(answer, questions.length, target);
      }
      throw cannotAsk(target, "it serves no reflection (grpc.reflection.v1, v1alpha)");
    },
    close: () => sender.close(),
  };
}

/** The one error of reflection: what was asked, what was seen, what to do instead. */
export function cannotAsk(target: string, seen: string, cause?: unknown): OperatorError {
  return new OperatorError(
    `cannot ask ${target} for gRPC descriptors (--grpc-reflection): ${seen}; give them with --descriptors FILE instead`,
    { cause },
  );
}

function grpcRequest(path: string, authority: string, bytes: Uint8Array): Request {
  return {
    ...{ method: "POST", scheme: "http", authority, path, protocol: "h2", end: "complete" },
    headers: [["content-type", "application/grpc"]],
    body: { kind: "whole", bytes, hash: "" },
    trailers: [],
  };
}

/** UNIMPLEMENTED, or what gRPC takes for it (404: "HTTP to gRPC Status Code Mapping"). */
function isUnknownMethod(answer: Answer): boolean {
  if (answer.kind !== "response") return false;
  const status = grpcStatus(answer);
  return status === undefined ? answer.status === 404 : status === "12";
}

function repliesOf(answer: Answer, asked: number, target: string): Reply[] {
  if (answer.kind === "failure") throw cannotAsk(target, `no answer over HTTP/2 (${answer.reason})`);
  if (answer.kind !== "response" || answer.status !== 200) throw cannotAsk(target, `it answered ${statusOf(answer)}`);
  const status = grpcStatus(answer);
  if (status !== "0") throw cannotAsk(target, `it answered gRPC status ${status ?? "unknown"}`);
  if (answer.end !== "complete" || answer.body.kind !== "whole") throw cannotAsk(target, "its answer is empty or cut");
  const { messages, restBytes } = deframeGrpc(answer.body.bytes);
  if (restBytes > 0 || messages.length < asked || messages.some(({ compressed }) => compressed))
    throw cannotAsk(target, `it gave ${messages.length} replies to ${asked} questions, not all readable`);
  try {
    return messages.map(({ bytes }) => decodeReply(bytes));
  } catch (cause) {
    throw cannotAsk(target, `its replies cannot be read (${reasonOf(cause)})`, cause);
  }
}

function statusOf(answer: Answer): string {
  return "status" in answer ? `HTTP ${answer.status}` : "nothing";
}

/** In the trailers, or in the head of an answer that has nothing else. */
function grpcStatus({ headers, trailers }: Extract<Answer, { kind: "response" }>): string | undefined {
  return firstValue(trailers, "grpc-status") ?? firstValue(headers, "grpc-status");
}
