import type { Io } from "../../cli/io.js";

/** An Io that keeps what was written; for running a command line inside a test. */
export function fakeIo(more: Partial<Io> = {}): Io & { out(): string; err(): string } {
  const out: string[] = [];
  const err: string[] = [];
  return {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    env: {},
    folder: "/",
    signal: new AbortController().signal,
    ...more,
    out: () => out.join(""),
    err: () => err.join(""),
  };
}
