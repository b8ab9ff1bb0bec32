import type { Lane, StepRecord } from "../tape/index.js";
import { visibleLine } from "./visible.js";

/** Methods whose requests come with a body as a rule (RFC 9110, section 9.3). */
const withBody = new Set(["POST", "PUT", "PATCH"]);

/**
 * A shell line that sends the Step's request to a lane by hand; undefined where a request target is no path. Recorded
 * headers and body are on the tape alone: a body is read from the file `BODY`.
 */
export function curlLine(
  { method, path, protocol }: Pick<StepRecord, "method" | "path" | "protocol">,
  { target }: Pick<Lane, "target">,
): string | undefined {
  if (!path.startsWith("/")) return undefined;
  const options = [
    "-sSi",
    ...(/[[\]{}]/.test(path) ? ["--globoff"] : []),
    ...(/\/\.{1,2}(\/|$|\?)/.test(path) ? ["--path-as-is"] : []),
    ...(protocol === "h2" && target.startsWith("http:") ? ["--http2-prior-knowledge"] : []),
    ...methodOptions(method),
  ];
  return `curl ${options.join(" ")} ${quoted(target.replace(/\/+$/, "") + path)}`;
}

function methodOptions(method: string): string[] {
  if (method === "GET") return [];
  if (method === "HEAD") return ["--head"];
  return [`--request ${quoted(method)}`, ...(withBody.has(method) ? ["--data-binary @BODY"] : [])];
}

/** As one word of a POSIX shell. */
function quoted(word: string): string {
  const text = visibleLine(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
