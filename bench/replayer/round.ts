import type { OrderName } from "../../replayer/index.js";

/** What a process is told to do once: replay a tape, or load a server as autocannon does. */
export type Round =
  | {
      kind: "replay";
      tapePath: string;
      runPath: string;
      target: string;
      calls: number;
      order: OrderName;
      links: boolean;
    }
  | { kind: "autocannon"; url: string; headers: Record<string, string> };

/** What one round took: calls a second by the wall clock, and CPU time a call of our threads and of the server. */
export interface Rate {
  perSecond: number;
  sendingPerSecond: number;
  mainUs: number;
  othersUs: number;
  serverUs: number;
}

export const connections = 32;
