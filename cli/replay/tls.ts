import { createSecureContext } from "node:tls";
import type { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError, reasonOf } from "../../base/index.js";
import type { LaneTls } from "../../replayer/index.js";
import type { TlsFiles } from "../../tape/index.js";
import { readCertificates, readPair } from "../pem-files.js";

/** Settings of `replay` about TLS towards https targets: files in PEM. */
export const targetTlsSettings = {
  targetCa: z.string().min(1).optional(),
  targetCert: z.string().min(1).optional(),
  targetKey: z.string().min(1).optional(),
};
export type TargetTlsSettings = { [name in keyof typeof targetTlsSettings]?: string | undefined };

export function addTargetTlsOptions(command: Command): Command {
  return command
    .option("--target-ca <file>", "https targets: who may have signed their certificates (default: who Node trusts)")
    .option("--target-cert <file>", "https targets: the certificate to show them")
    .option("--target-key <file>", "https targets: its private key");
}

/** Reads the files; undefined without any. Throws an OperatorError that names the flag and the file. */
export function targetTlsOf(settings: TargetTlsSettings): LaneTls | undefined {
  const files = tlsFilesOf(settings);
  const { ca, cert, key } = files;
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if ((cert === undefined) !== (key === undefined)) {
    throw new OperatorError("--target-cert and --target-key need each other");
  }
  const pem = defined({
    ca: ca === undefined ? undefined : readCertificates(ca, "--target-ca"),
    ...(cert === undefined || key === undefined ? {} : readPair({ cert, key }, "--target")),
  });
  refuseUnusable(pem);
  return { ...pem, files };
}

/** The files as they were given, unread. */
export function tlsFilesOf({ targetCa: ca, targetCert: cert, targetKey: key }: TargetTlsSettings): TlsFiles {
  return defined({ ca, cert, key });
}

/** What can be read may still be refused: a key that is too short, a digest that is no longer taken. */
function refuseUnusable(pem: Pick<LaneTls, "ca" | "cert" | "key">): void {
  try {
    createSecureContext(pem);
  } catch (cause) {
    throw new OperatorError(`--target-ca, --target-cert, --target-key: cannot be used: ${reasonOf(cause)}`, { cause });
  }
}
