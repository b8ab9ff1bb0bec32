import type { TestContext } from "node:test";
import { type Child, startChild } from "./child.js";
import { type Home, mainFile } from "./command-line.js";
import { startMeddlingApi } from "./meddling-api.js";

/** A command that is run again and again. */
export interface KilledCommand {
  kubeconfig: string;
  home: Home;
  words: readonly string[];
  /** Done before each run. */
  first?: () => Promise<void>;
}

/** How one of its runs ended. */
export interface KilledRun {
  /** Killed; else nothing was left to be killed after, and it came to its own end. */
  isKilled: boolean;
  code: number | null;
  child: Child;
  /** Which run, and after which call it was killed, for messages. */
  where: string;
}

/**
 * Runs a command, killed (-9) after the first of its API calls, then after the second, until it comes to its own end. The
 * API server has done the call, and its answer never arrives. Gives after how many calls it was killed. Reviews of access
 * change nothing and go out all at once: the first of them stands for all.
 */
export async function killedAfterEachCall(
  t: TestContext,
  { kubeconfig, home, words, first }: KilledCommand,
  ended: (run: KilledRun) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at++) {
    await first?.();
    let kill = () => {};
    const counted: number[] = [];
    let isReviewed = false;
    const api = await startMeddlingApi(t, kubeconfig, {
      before: (call, number) => {
        const isReview = /\/selfsubjectaccessreviews\b/.test(call);
        if (!isReview || !isReviewed) counted.push(number);
        isReviewed ||= isReview;
      },
      after: (_call, number) => {
        const isLast = number === counted[at - 1];
        if (isLast) kill();
        return !isLast;
      },
    });
    const env = { ...home.env, KUBECONFIG: api.kubeconfig };
    const child = startChild(t, process.execPath, [mainFile, ...words], { env, cwd: home.folder });
    kill = () => process.kill(child.pid, "SIGKILL");
    const { signal, code } = await child.ended;
    const isKilled = signal === "SIGKILL";
    await ended({ isKilled, code, child, where: `killed at call ${at}: ${api.calls[counted[at - 1]! - 1]}` });
    if (!isKilled) return at - 1;
  }
}
