import type { FailureReason } from "../../tape/index.js";

const reasonByCode: Record<string, FailureReason> = {
  ECONNREFUSED: "refused",
  ENETUNREACH: "refused",
  EHOSTUNREACH: "refused",
  ELOOP: "refused",
  ENOTFOUND: "unresolved-host",
  EAI_AGAIN: "unresolved-host",
  ETIMEDOUT: "timed-out",
  UND_ERR_CONNECT_TIMEOUT: "timed-out",
  ECONNRESET: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  UND_ERR_DESTROYED: "reset",
  ERR_HTTP2_STREAM_CANCEL: "reset",
  ERR_HTTP2_STREAM_ERROR: "reset",
  ERR_HTTP2_SESSION_ERROR: "reset",
  EPROTO: "tls",
};
/** Of OpenSSL and of Node's own checks of a certificate. */
const tlsCode = /^ERR_(TLS|SSL|OSSL)_|CERT|^UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|^HOSTNAME_MISMATCH$/;

/** What an error of the way to the upstream means. */
export function failureReason(error: Error & { code?: string; cause?: unknown; errors?: unknown }): FailureReason {
  const code = error.code ?? "";
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return failureReason(error.errors[0]);
  if (error.cause instanceof Error) return failureReason(error.cause);
  return reasonByCode[code] ?? (tlsCode.test(code) ? "tls" : "protocol");
}

/** What an intermediary says to its client when nothing came (RFC 9110, sections 15.6.3 and 15.6.5). */
export function failureStatus(reason: FailureReason): { status: 502 | 504; text: string } {
  return reason === "timed-out"
    ? { status: 504, text: "the service did not answer in time\n" }
    : { status: 502, text: `no answer from the service: ${reason}\n` };
}
