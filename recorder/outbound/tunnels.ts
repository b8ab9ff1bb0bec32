import type { Socket } from "node:net";
import type { Counts } from "../capture/counts.js";
import { connectTo } from "../forward/connect.js";
import { failureReason, failureStatus } from "../forward/failure.js";
import { upstreamAddress } from "../forward/upstream-address.js";
import type { TunnelCall } from "../mode.js";
import type { Directory } from "./directory.js";
import { refusalOf } from "./refuse.js";

/** At once; more are refused. */
const mostTunnels = 1024;

/**
 * What CONNECT asks for: bytes passed through in both directions, each at the pace of who reads, with half-closes as
 * they come. Nothing in them is read; each tunnel is one in the count `opaque`.
 */
export class Tunnels {
  readonly #directory: Directory;
  readonly #idleMs: number;
  readonly #counts: Counts;
  readonly #open = new Set<Socket>();

  /** @param idleMs a tunnel without a byte for so long is closed; 0: never */
  constructor(directory: Directory, idleMs: number, counts: Counts) {
    this.#directory = directory;
    this.#idleMs = idleMs;
    this.#counts = counts;
  }

  open(call: TunnelCall): void {
    this.#counts.add("opaque");
    call.client.on("error", () => {}); // "close" follows
    const refusal = this.#refusal(call.authority);
    if (refusal === undefined) this.#connect(call);
    else call.refuse(refusal.status, refusal.text);
  }

  #refusal(authority: string): { status: number; text: string } | undefined {
    if (!/^(\[[0-9a-f:.]+\]|[^:[\]/\s]+):\d{1,5}$/i.test(authority) || !URL.canParse(`http://${authority}`)) {
      return { status: 400, text: "tapeloop: CONNECT needs HOST:PORT\n" };
    }
    if (this.#open.size >= mostTunnels) return { status: 503, text: "tapeloop: too many tunnels\n" };
    const noWay = this.#directory.refusal(authority, 443);
    return noWay && refusalOf(noWay, authority);
  }

  #connect(call: TunnelCall): void {
    const address = this.#directory.guarded(upstreamAddress(new URL(`http://${call.authority}`)));
    const target = connectTo(address, { allowHalfOpen: true }, (error) => {
      if (error === null) this.#join(call, target);
      else if (!call.client.destroyed) refuseFor(call, error);
    });
    this.#open.add(target);
    target.on("close", () => this.#open.delete(target));
    call.client.on("close", () => target.destroy());
  }

  #join({ client, head, accept }: TunnelCall, target: Socket): void {
    if (client.destroyed) return void target.destroy();
    target.on("error", () => client.destroy());
    target.on("close", (failed) => (failed ? client.destroy() : undefined));
    if (this.#idleMs > 0) target.setTimeout(this.#idleMs, () => target.destroy(new Error("idle for too long")));
    accept();
    if (head.length > 0) target.write(head);
    client.pipe(target).pipe(client);
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

function refuseFor(call: TunnelCall, error: Error): void {
  const { status, text } = failureStatus(failureReason(error));
  call.refuse(status, text);
}
