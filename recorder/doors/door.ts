import type { Clock, Log } from "../../base/index.js";
import type { Capture } from "../capture/capture.js";
import type { Counts } from "../capture/counts.js";
import type { ListenTls } from "../listen/secure.js";

/**
 * One way by which calls come to a recorder: an address it listens on, and from where the calls that come there are
 * seen. A recorder has at least one. All doors share budget, counts, write-behind, tape and admin port.
 */
export interface Door {
  /** `HOST:PORT` with the real port. */
  readonly listen: string;
  readonly openConnections: number;
  /** Certificate and key for connections to come, where the door takes TLS. Throws when OpenSSL refuses them. */
  renewTls?(tls: ListenTls): void;
  /** Takes calls as before, and tells who calls to go elsewhere, where its protocol has a word for it. */
  windDown?(): void;
  /** Takes no new calls and finishes those in flight; after so long it calls `cutOff` and closes what is left. */
  drain(withinMs: number, cutOff: () => void): Promise<void>;
  /** Lets go of what it holds open towards others. After the last call. */
  close(): Promise<void>;
}

/** What a door is given by the recorder it belongs to. */
export interface DoorParts {
  capture: Capture;
  counts: Counts;
  clock: Clock;
  log: Log;
}

/** How a door is called where the recorder says that it is ready: the first is `listen`, whatever its vantage. */
export type DoorName = "listen" | "outbound" | "extProc" | "accessLog";

/** A door that is to be opened. Rejects with an OperatorError when its address cannot be had. */
export interface PlannedDoor {
  readonly name: DoorName;
  open(parts: DoorParts): Promise<Door>;
}
