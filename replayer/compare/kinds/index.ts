import { binary } from "./binary.js";
import type { BodyKind, BodySides } from "./body-kind.js";
import { eventStream } from "./event-stream.js";
import { form } from "./form.js";
import { grpc } from "./grpc.js";
import { json } from "./json.js";
import { jsonLines } from "./json-lines.js";
import { multipart } from "./multipart.js";
import { text } from "./text.js";
import { webSocket } from "./websocket.js";

export type { BodySides } from "./body-kind.js";

/** Every kind of body there is, the most telling first; the last one takes all. Adding one is adding a file and a name here. */
const kinds: readonly BodyKind[] = [grpc, webSocket, jsonLines, eventStream, multipart, form, json, text, binary];

/** Compares two bodies by the first kind that can read both; its name. */
export function compareByKind(sides: BodySides): string | undefined {
  return kinds.find((kind) => kind.fits(sides) && kind.compare(sides))?.name;
}
