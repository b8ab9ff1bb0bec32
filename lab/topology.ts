/** The services of a lab, and how they are joined. */
export interface Topology {
  services: readonly ServiceSpec[];
  /** Hosts outside the lab that a VirtualService may send calls or copies to, by name: a mirror recorder, say. */
  outside?: Readonly<Record<string, string>>;
  /** YAML text of VirtualServices; none: every call goes straight to its service. */
  virtualServices?: { yaml: string; fileName: string };
  /** Chance is drawn from it (with the Step or request id, and the rule). */
  seed?: string;
  /** Ends the lab and all its processes. */
  signal?: AbortSignal;
  /** Told when a service dies that was not asked to: one line that names it and says what was seen. */
  onDeath?: (sentence: string) => void;
}

/** One instance of a service. Several of one name and different versions are the subsets of its host. */
export interface ServiceSpec {
  name: string;
  /** The name of a subset. The first instance of a service also takes the calls that name no subset. */
  version?: string;
  /** Path of a behave file (docs/simple-service.md). */
  behave?: string;
}
