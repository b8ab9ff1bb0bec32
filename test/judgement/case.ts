import type { Reply } from "../../simple-service/reply.js";
import type { ServiceRequest } from "../../simple-service/request.js";
import type { Service } from "../../simple-service/service.js";
import type { Attribution } from "../../tape/index.js";
import type { GrpcProgram } from "./services/grpc-service.js";

/** The services of every mesh here, from the one that users call down: each calls the next. */
export const hopNames = ["front", "middle", "back"] as const;
export type HopName = (typeof hopNames)[number];

/** What one version of one service does for a case: as data, as in a behave file, or as a program. */
export interface HopVersion {
  /** As `routes` of a behave file. */
  routes?: readonly unknown[];
  /** As `changes` of a behave file. */
  changes?: readonly unknown[];
  /** What a behave file cannot say; asked before the routes. Gives undefined for a request that is not its own. */
  program?: Program;
  /** In cases that speak gRPC. */
  grpc?: GrpcProgram;
}

export type Program = (request: ServiceRequest, service: Service) => Promise<Reply> | undefined;

/** One version of all services, for one case. */
export type MeshVersion = Partial<Record<HopName, HopVersion>>;

/** A change that was really made: what an honest report must say of it. */
export interface TrueChange {
  /** Where it began. */
  hop: HopName;
  /** Of the case's own route, unless said otherwise. */
  route?: RegExp;
  /** Any of these places says it; array indexes as `*`. */
  places: readonly (string | RegExp)[];
  /** Any of these kinds of Difference says it. */
  kinds: readonly string[];
  attribution: Attribution;
  /** Places at which it may be seen in answers further up; else those that follow from `places` and `inner`. */
  surfaces?: RegExp;
}

/** What a change brings with it and may be listed beside it: neither asked for nor false. */
export interface Consequence {
  hop: HopName;
  places: readonly (string | RegExp)[];
}

/** A request that a user makes. */
export interface UserRequest {
  method?: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** The one message of a unary gRPC call; path is its method. */
  grpc?: Buffer;
}

/** Old and new version of a few services, what users asked of them, and the truth. */
export interface JudgedCase {
  /** In kebab-case, unique, and the first segment of all its paths. */
  name: string;
  /** The kind of change, for the table. */
  family: string;
  /** How many calls below the user's own one the change is: 0 to 2. */
  depth: number;
  /** A mesh is started with fresh state for recording and for each lane: they are made anew each time. */
  old: () => MeshVersion;
  new: () => MeshVersion;
  /** What users ask, in order. Those of one user wait for each other. */
  traffic: readonly UserRequest[];
  /** One after the other, as one user would; else up to 16 at once. */
  oneUser?: boolean;
  /** None: nothing was changed that matters, whatever moves in the answers. */
  truth: readonly TrueChange[];
  /** All its services speak gRPC. */
  grpc?: boolean;
  consequences?: readonly Consequence[];
}
