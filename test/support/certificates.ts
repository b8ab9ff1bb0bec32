import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, as text in PEM and as files. */
export interface Pair {
  cert: string;
  key: string;
  certFile: string;
  keyFile: string;
}

/** Certificates of a CA of its own, made by openssl in a folder that goes with the process. */
export class CertificateMaker {
  readonly #folder = mkdtempSync(join(tmpdir(), "tapeloop-certs-"));
  /** In PEM: what peers trust. */
  readonly ca: string;
  readonly caFile: string;

  constructor() {
    process.once("exit", () => rmSync(this.#folder, { recursive: true, force: true }));
    this.caFile = this.#file("ca.pem");
    this.#openssl("req", "-x509", ...this.#newKey("ca"), "-out", this.caFile, "-subj", "/CN=test CA", "-days", "2");
    this.ca = readFileSync(this.caFile, "utf8");
  }

  /** @param names such as `DNS:localhost,IP:127.0.0.1` or `URI:spiffe://…` */
  make(name: string, names: string): Pair {
    const [request, certFile, extensions] = [`${name}.csr`, `${name}.pem`, `${name}.ext`].map((file) =>
      this.#file(file),
    );
    this.#openssl("req", ...this.#newKey(name), "-out", request!, "-subj", `/CN=${name}`);
    writeFileSync(extensions!, `subjectAltName=${names}\n`);
    const ca = ["-CA", this.caFile, "-CAkey", this.#file("ca.key"), "-CAcreateserial"];
    this.#openssl("x509", "-req", "-in", request!, ...ca, "-out", certFile!, "-days", "2", "-extfile", extensions!);
    const keyFile = this.#file(`${name}.key`);
    return { cert: readFileSync(certFile!, "utf8"), key: readFileSync(keyFile, "utf8"), certFile: certFile!, keyFile };
  }

  #newKey(name: string): string[] {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    return [...curve, "-keyout", this.#file(`${name}.key`)];
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  }
}
