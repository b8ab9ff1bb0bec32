import type { TlsFiles } from "../run.js";
import { shellWord } from "./shell-word.js";

/** What tells curl of files of TLS, each one or two words of a POSIX shell; none without any. */
export function curlTlsOptions({ ca, cert, key }: TlsFiles = {}): string[] {
  const option = (name: string, file: string | undefined) => (file === undefined ? [] : [`${name} ${shellWord(file)}`]);
  return [...option("--cacert", ca), ...option("--cert", cert), ...option("--key", key)];
}
