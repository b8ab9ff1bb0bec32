import type { Io } from "./io.js";

/** One line on a terminal that is rewritten in place; silent in a pipe. */
export interface Progress {
  show(text: string): void;
  /** Clears the line. */
  end(): void;
}

const betweenMs = 100;

export function openProgress(io: Io): Progress {
  if (!io.stderr.isTTY) return { show() {}, end() {} };
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(text) {
      if (performance.now() - shownAt < betweenMs) return;
      shownAt = performance.now();
      io.stderr.write(`\r\x1b[2K${text}`);
    },
    end: () => void io.stderr.write("\r\x1b[2K"),
  };
}
