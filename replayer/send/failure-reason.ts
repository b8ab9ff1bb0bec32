import { OperatorError, reasonOf } from "../../base/index.js";
import type { FailureReason } from "../../tape/index.js";

const reasonsByCode: Readonly<Record<string, FailureReason>> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  EHOSTDOWN: "refused",
  ENOENT: "refused",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  UND_ERR_DESTROYED: "reset",
  ERR_STREAM_PREMATURE_CLOSE: "reset",
  ERR_HTTP2_STREAM_ERROR: "reset",
  ERR_HTTP2_STREAM_CANCEL: "reset",
  ERR_HTTP2_SESSION_ERROR: "reset",
  ERR_HTTP2_GOAWAY_SESSION: "reset",
  ERR_HTTP2_INVALID_SESSION: "reset",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "reset",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "reset",
  ETIMEDOUT: "timed-out",
  UND_ERR_CONNECT_TIMEOUT: "timed-out",
  UND_ERR_HEADERS_TIMEOUT: "timed-out",
  UND_ERR_BODY_TIMEOUT: "timed-out",
  ENOTFOUND: "unresolved-host",
  EAI_AGAIN: "unresolved-host",
  EAI_NODATA: "unresolved-host",
  EAI_NONAME: "unresolved-host",
  EPROTO: "tls",
};

/** Of Node's and OpenSSL's codes for a handshake or a certificate that was refused. */
const tlsCode = /^(ERR_(TLS|SSL)_|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/;

/** Why nothing came, or nothing more, in one word. What is no transport's error at all is the peer's bad HTTP. */
export function failureReasonOf(thrown: unknown): FailureReason {
  const code = codeOf(thrown);
  const known = reasonsByCode[code];
  if (known !== undefined) return known;
  return tlsCode.test(code) ? "tls" : "protocol";
}

/**
 * The operator's error behind a failure that is ours and not the target's, or undefined: out of file descriptors or of
 * local ports. Counted as the target's answer it would be a lie.
 */
export function ownShortage(thrown: unknown, target: string): OperatorError | undefined {
  const code = codeOf(thrown);
  if (code !== "EMFILE" && code !== "ENFILE" && code !== "EADDRNOTAVAIL") return undefined;
  return new OperatorError(
    `cannot open another connection to ${target}: ${reasonOf(thrown)}; raise "ulimit -n" or replay at a slower --pace`,
    { cause: thrown, exitCode: 3 },
  );
}

/**
 * Why TLS with a target failed, in the words of Node, or of OpenSSL without the places in its source; undefined for any
 * other failure, and where it failed for want of HTTP/2.
 */
export function tlsTroubleOf(thrown: unknown): string | undefined {
  if (failureReasonOf(thrown) !== "tls" || codeOf(thrown) === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL")
    return undefined;
  const error = tellingError(thrown);
  return typeof error?.reason === "string" ? error.reason : reasonOf(error);
}

function codeOf(thrown: unknown): string {
  const code = tellingError(thrown)?.code;
  return typeof code === "string" ? code : "";
}

interface SystemError {
  code?: unknown;
  /** Of OpenSSL's errors: what happened. */
  reason?: unknown;
  cause?: unknown;
  errors?: readonly unknown[];
}

function tellingError(thrown: unknown): SystemError | undefined {
  const error = thrown as SystemError | undefined;
  // A name with several addresses fails with all their errors (RFC 8305): the first one tells.
  if (error?.code === undefined && error?.errors?.[0] !== undefined) return tellingError(error.errors[0]);
  // A stream that waited for its session ends with it: the session's end tells.
  if (error?.code === "ERR_HTTP2_STREAM_CANCEL" && error.cause !== undefined) return tellingError(error.cause);
  return error;
}
