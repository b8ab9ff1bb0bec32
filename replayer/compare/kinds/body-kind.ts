import type { MediaType, Message } from "../../../message/index.js";
import type { BodyFindings } from "../json/findings.js";
import type { JsonEncoding } from "../json/values.js";
import type { GrpcSchemas } from "./grpc-schemas.js";

/** Two decoded bodies, of which neither is empty, that are not the same bytes. */
export interface BodySides {
  expected: Buffer;
  actual: Buffer;
  /** `utf8` where both sides are UTF-8; else `latin1`, in which every byte is a character of its own. */
  encoding: JsonEncoding;
  types: readonly [expected: MediaType | undefined, actual: MediaType | undefined];
  from: Message;
  to: Message;
  /** What the call's method is known to answer; absent for calls that are no gRPC. */
  grpc?: GrpcSchemas | undefined;
  /** Both are the beginning of more: what stands last in them may not be whole, and how much there is says nothing. */
  isPartial: boolean;
  /** Where what differs goes. */
  findings: BodyFindings;
}

/** A kind of body: one file each. */
export interface BodyKind {
  name: string;
  /** Whether both sides are of this kind, as far as their types and first bytes tell. */
  fits(sides: BodySides): boolean;
  /** Puts what differs into the findings. False when it is not this kind after all, and another has to look; then nothing was put. */
  compare(sides: BodySides): boolean;
}

/** Whether both sides state a media type that passes. */
export function bothTypes({ types }: BodySides, passes: (essence: string) => boolean): boolean {
  return types.every((type) => type !== undefined && passes(type.essence));
}
