/** 0 passed · 1 diverged · 2 usage or configuration · 3 inconclusive or our own crash · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** What a command may touch of the process it runs in; tests pass their own. */
export interface Io {
  /** Results. */
  stdout: { write(text: string): unknown; isTTY?: boolean | undefined; columns?: number | undefined };
  /** Progress and complaints. */
  stderr: { write(text: string): unknown; isTTY?: boolean | undefined };
  env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths and `tapeloop.config.*` are looked up in. */
  folder: string;
  /** Aborted by the first SIGINT or SIGTERM. */
  signal: AbortSignal;
}

/** Whether stdout takes colours: a terminal, and no NO_COLOR (no-color.org). */
export function wantsColor(io: Io): boolean {
  return Boolean(io.stdout.isTTY) && !io.env.NO_COLOR;
}

/** Columns of the terminal; 100 in a pipe. */
export function widthOf(io: Io): number {
  return io.stdout.columns ?? 100;
}
