import type { Destination, VirtualService } from "../virtual-service/index.js";
import type { Forwarder } from "./forward.js";
import type { Observed } from "./observed.js";

/** What the edges of a lab share. */
export interface Mesh {
  seed: string;
  /** Those in force now. */
  virtualServices(): readonly VirtualService[];
  /** Where calls to a destination go; undefined when nothing in the lab goes by that name. */
  locate(destination: Destination): URL | undefined;
  forwarder: Forwarder;
}

/** One listening address of an edge: for one caller, or for calls from outside. */
export interface Door {
  service: string;
  caller: string | undefined;
  mesh: Mesh;
  observed: Observed;
}
