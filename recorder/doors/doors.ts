import type { ListenTls } from "../listen/secure.js";
import type { Door, DoorName, DoorParts, PlannedDoor } from "./door.js";

/** The doors of one recorder. */
export class Doors {
  readonly #planned: readonly PlannedDoor[];
  readonly #open = new Map<DoorName, Door>();
  #isDraining = false;

  constructor(planned: readonly PlannedDoor[]) {
    this.#planned = planned;
  }

  /** Opens them in order. When one cannot be had those open already are closed again, and its refusal is thrown. */
  async open(parts: DoorParts): Promise<void> {
    try {
      for (const door of this.#planned) this.#open.set(door.name, await door.open(parts));
    } catch (refusal) {
      await this.drain(0, () => {});
      await this.close();
      throw refusal;
    }
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  get openConnections(): number {
    let open = 0;
    for (const door of this.#open.values()) open += door.openConnections;
    return open;
  }

  /** Where each listens, with the real ports. */
  get addresses(): Partial<Record<DoorName, string>> {
    return Object.fromEntries([...this.#open].map(([name, { listen }]) => [name, listen]));
  }

  renewTls(tls: ListenTls): void {
    for (const door of this.#open.values()) door.renewTls?.(tls);
  }

  /** They go on taking calls, but nobody is to be sent to them any more. */
  windDown(): void {
    this.#isDraining = true;
    for (const door of this.#open.values()) door.windDown?.();
  }

  /** All at once: who called by one door may wait for a call that goes out by another. */
  async drain(withinMs: number, cutOff: () => void): Promise<void> {
    this.#isDraining = true;
    await Promise.all([...this.#open.values()].map((door) => door.drain(withinMs, cutOff)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((door) => door.close()));
  }
}
