import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { OperatorError, reasonOf } from "../base/index.js";

/** A certificate and its private key, in PEM. Throws an OperatorError that names the flag (`FLAG-cert`, `FLAG-key`) and the file. */
export function readPair(files: { cert: string; key: string }, flag: string): { cert: string; key: string } {
  const cert = readCertificates(files.cert, `${flag}-cert`);
  const key = readText(files.key, `${flag}-key`);
  if (!new X509Certificate(cert).checkPrivateKey(privateKey(key, files.key, `${flag}-key`))) {
    throw new OperatorError(`${flag}-key ${files.key}: is not the key of the certificate in ${files.cert}`);
  }
  return { cert, key };
}

/** One certificate or more, in PEM, each of them looked at. Throws an OperatorError that names the flag and the file. */
export function readCertificates(file: string, flag: string): string {
  const text = readText(file, flag);
  try {
    const [, ...others] = text.split(/(?=-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----)/);
    for (const certificate of [text, ...others]) new X509Certificate(certificate);
    return text;
  } catch (cause) {
    throw new OperatorError(`${flag} ${file}: holds no certificate in PEM (${reasonOf(cause)})`, { cause });
  }
}

function privateKey(text: string, file: string, flag: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new OperatorError(`${flag} ${file}: holds no private key in PEM without a passphrase (${reasonOf(cause)})`, {
      cause,
    });
  }
}

function readText(file: string, flag: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new OperatorError(`${flag} ${file}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
