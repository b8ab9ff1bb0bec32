import { unwatchFile, watchFile } from "node:fs";
import type { Command } from "commander";
import { z } from "zod";
import { defined, type Log, OperatorError, reasonOf } from "../../base/index.js";
import type { ListenTls, UpstreamTls } from "../../recorder/index.js";
import { readCertificates, readPair } from "../pem-files.js";

/** Files of TLS, on the side that listens and on the side of the service. */
export const tlsSettings = {
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  clientCa: z.string().min(1).optional(),
  upstreamCa: z.string().min(1).optional(),
  upstreamCert: z.string().min(1).optional(),
  upstreamKey: z.string().min(1).optional(),
  upstreamServerName: z.string().min(1).optional(),
};
type TlsSettings = { [name in keyof typeof tlsSettings]?: string | undefined };

export function addTlsOptions(command: Command): Command {
  return command
    .option("--tls-cert <file>", "take TLS at --listen, with this certificate (PEM, its chain after it)")
    .option("--tls-key <file>", "its private key")
    .option("--client-ca <file>", "mutual TLS: clients must show a certificate signed by one of these")
    .option("--upstream-ca <file>", "https upstream: who may have signed its certificate (default: who Node trusts)")
    .option("--upstream-cert <file>", "https upstream: the certificate to show it")
    .option("--upstream-key <file>", "https upstream: its private key")
    .option("--upstream-server-name <name>", "https upstream: the name its certificate holds (default: its host)");
}

/** Undefined when plain connections are to be taken. Throws an OperatorError that names the flag and the file. */
export function listenTlsOf({ tlsCert, tlsKey, clientCa }: TlsSettings): ListenTls | undefined {
  if (tlsCert === undefined || tlsKey === undefined) {
    const given = tlsCert ?? tlsKey ?? clientCa;
    if (given === undefined) return undefined;
    throw new OperatorError("record: TLS at --listen needs both --tls-cert and --tls-key");
  }
  const pair = readPair({ cert: tlsCert, key: tlsKey }, "--tls");
  return clientCa === undefined ? pair : { ...pair, clientCa: readCertificates(clientCa, "--client-ca") };
}

/** Throws an OperatorError that names the flag and the file. */
export function upstreamTlsOf(settings: TlsSettings): UpstreamTls | undefined {
  const { upstreamCa: ca, upstreamCert: cert, upstreamKey: key, upstreamServerName: serverName } = settings;
  if (ca === undefined && cert === undefined && key === undefined && serverName === undefined) return undefined;
  return readUpstreamTls(defined({ ca, cert, key, serverName }), "--upstream");
}

/**
 * The contents of the files that stand in their places.
 *
 * @param flag how the place is said to the user: `--upstream` for `--upstream-ca` …
 */
export function readUpstreamTls({ ca, cert, key, serverName }: UpstreamTls, flag: string): UpstreamTls {
  if ((cert === undefined) !== (key === undefined)) {
    throw new OperatorError(`record: ${flag}-cert and ${flag}-key need each other`);
  }
  return {
    ...(cert !== undefined && key !== undefined && readPair({ cert, key }, flag)),
    ...(ca !== undefined && { ca: readCertificates(ca, `${flag}-ca`) }),
    ...(serverName !== undefined && { serverName }),
  };
}

/** How often the files are looked at. */
const lookMs = 10_000;

/**
 * Reads the files of `--tls-cert`, `--tls-key` and `--client-ca` again when one of them has changed, and on SIGHUP. What
 * cannot be used is said in the log, and the old ones stay.
 *
 * @returns stops watching
 */
export function watchListenTls(settings: TlsSettings, renew: (tls: ListenTls) => void, log: Log): () => void {
  const files = [settings.tlsCert, settings.tlsKey, settings.clientCa].filter((file) => file !== undefined);
  if (files.length === 0) return () => {};
  const reread = () => {
    try {
      renew(listenTlsOf(settings)!);
      log.info({}, "certificates were read again");
    } catch (refusal) {
      log.error({ reason: reasonOf(refusal) }, "new certificates cannot be used; the old ones stay");
    }
  };
  for (const file of files) watchFile(file, { interval: lookMs, persistent: false }, reread);
  process.on("SIGHUP", reread);
  return () => {
    for (const file of files) unwatchFile(file, reread);
    process.off("SIGHUP", reread);
  };
}
