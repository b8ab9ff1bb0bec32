/**
 * An error that the operator can act on: a bad flag, a missing file, a port in use. The command line prints its
 * message as one line and ends with {@link OperatorError.exitCode}; no stack trace.
 *
 * The message says what was being done, to what, what was seen, and what to try.
 */
export class OperatorError extends Error {
  readonly exitCode: 2 | 3 | 130;

  constructor(message: string, options: { cause?: unknown; exitCode?: 2 | 3 | 130 } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.exitCode = options.exitCode ?? 2;
  }
}

/** The operator asked for an end (Ctrl-C, SIGTERM) before the work was done; the message says how it was left. */
export class Interrupted extends OperatorError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, exitCode: 130 });
  }
}

/** The message of anything thrown, on one line. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text.replace(/\s*\n\s*/g, " ");
}

/** A line without what URLs in it may hold of secrets: user and password, and what follows a question mark. */
export function withoutUrlSecrets(line: string): string {
  return line
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, "$1…@")
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*\?)[^\s"'<>]+/gi, "$1…");
}
