/**
 * Does the rounds it is told by its parent, one at a time: `node rounds-process.js PID`, the pid of the server. Replays and
 * autocannon have a process each, for in one the engine would collect and compile for both.
 */
import { performance } from "node:perf_hooks";
import autocannon from "autocannon";
import { redactionKey } from "../../tape/index.js";
import { replayOnce } from "../support/bench-replay.js";
import { cpuTimeOf } from "../support/cpu-time.js";
import { connections, type Rate, type Round } from "./round.js";

const autocannonSeconds = 2;
const key = redactionKey(new Uint8Array(32).fill(1));
const serverPid = Number(process.argv[2]);

/** What some work did: calls, and for how long it was sending them. */
interface Done {
  calls: number;
  sendingMs: number;
}

async function done(round: Round): Promise<Done> {
  if (round.kind === "autocannon") return loaded(round);
  const { calls, links, kind, ...replay } = round;
  const carry = { links, credentials: [] };
  const { verdict, compared, order, reasons, durationMs } = await replayOnce({
    ...{ ...replay, key, carry },
    concurrency: connections,
  });
  if (verdict !== "passed" || compared !== calls || order.violated > 0)
    throw new Error(`not a clean replay of ${compared}: ${reasons}`);
  return { calls, sendingMs: durationMs };
}

/** By time: given an amount, autocannon looks whether it is done once a second only. */
async function loaded({ url, headers }: Extract<Round, { kind: "autocannon" }>): Promise<Done> {
  const { requests, errors, non2xx } = await autocannon({ url, connections, duration: autocannonSeconds, headers });
  if (errors + non2xx > 0) throw new Error(`autocannon: ${errors} errors, ${non2xx} answers without success`);
  return { calls: requests.total, sendingMs: autocannonSeconds * 1000 };
}

/** Threads end and take their own figures along, so all but the main one are told by difference; 0 without /proc. */
function cpuMs(): { all: number; main: number; server: number } {
  const { user, system } = process.cpuUsage();
  const ofServer = cpuTimeOf(serverPid);
  return {
    all: (user + system) / 1000,
    main: cpuTimeOf(process.pid)?.servingMs ?? 0,
    server: ofServer === undefined ? 0 : ofServer.servingMs + ofServer.othersMs,
  };
}

async function timed(round: Round): Promise<Rate> {
  const begunMs = performance.now();
  const before = cpuMs();
  const { calls, sendingMs } = await done(round);
  const after = cpuMs();
  const usOf = (part: keyof typeof before) => ((after[part] - before[part]) * 1000) / calls;
  return {
    perSecond: (calls * 1000) / (performance.now() - begunMs),
    sendingPerSecond: (calls * 1000) / sendingMs,
    mainUs: usOf("main"),
    othersUs: usOf("all") - usOf("main"),
    serverUs: usOf("server"),
  };
}

process.on("message", async (round: Round) => {
  const answer: { rate: Rate } | { failed: string } = await timed(round).then(
    (rate) => ({ rate }),
    (thrown: unknown) => ({ failed: String(thrown) }),
  );
  process.send!(answer);
});
