import type { Clock } from "../../base/index.js";
import type { StubMiss, StubSummary, TapeReader } from "../../tape/index.js";
import { Answering } from "./answering.js";
import { type Door, openDoor } from "./doors.js";
import { readDownstream } from "./downstream.js";
import type { StubbedRun } from "./live-trees.js";
import type { StubManner } from "./respond.js";

export interface StubOptions extends StubManner {
  /** The service whose downstream calls are answered. */
  service: string;
  host: string;
  /** Of the first port, that takes every host by its name; 0 for any that is free. Hosts have the ports after it. */
  port: number;
  /** Recorded failures break off again as they did, or count as missed. */
  failures: "recorded" | "missed";
}

export interface StubEnv {
  tape: TapeReader;
  clock: Clock;
  /** Told of each call that was not on the tape. */
  onMiss?: (miss: Omit<StubMiss, "count">) => void;
}

/** A server that answers what a service calls from a tape, and makes no call itself. */
export interface Stub {
  /** Takes each host by `Host`, `:authority` or the absolute form that proxies are asked in. */
  address: string;
  /** One port for each host that was called on the tape, for who is pointed there by address. */
  hosts: readonly { authority: string; callee: string; address: string }[];
  /** Calls are of this run from now on. */
  begin(run: StubbedRun): void;
  summary(): StubSummary;
  /** Breaks off what is open. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the stub of a service. The tape stays the caller's. Rejects with an OperatorError for an address that cannot be
 * listened at; a service that called nothing has a stub that misses everything.
 */
export async function openStub(options: StubOptions, env: StubEnv): Promise<Stub> {
  const downstream = await readDownstream(env.tape, options.service);
  const answering = new Answering(options, env, downstream);
  const doors: Door[] = [];
  const open = async (port: number, authority?: string) => {
    const door = await openDoor(options.host, port, answering.taker(authority));
    doors.push(door);
    return door.address;
  };
  const close = async () => {
    await Promise.all(doors.splice(0).map((door) => door.close()));
  };
  try {
    const address = await open(options.port);
    const hosts: Stub["hosts"][number][] = [];
    for (const [authority, callee] of [...downstream.authorities].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const port = options.port === 0 ? 0 : options.port + 1 + hosts.length;
      hosts.push({ authority, callee, address: await open(port, authority) });
    }
    const { tally, trees } = answering;
    return { address, hosts, begin: (run) => trees.begin(run), summary: () => tally.summary(), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
