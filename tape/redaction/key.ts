import { createHash, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorError, reasonOf } from "../../base/index.js";

/** What pseudonyms and body hashes are made with. Recorders that share a tape share it; the tape holds its id alone. */
export interface RedactionKey {
  /** 16 hex digits, safe to show: the beginning of SHA-256 over a fixed prefix and the key. */
  id: string;
  /** 32 bytes. */
  bytes: Uint8Array;
}

/** Where a key may come from; the first one given is taken. */
export interface RedactionKeySources {
  /** Of `--redaction-key`: a file with 64 hex digits. */
  file?: string;
  /** Value of TAPELOOP_REDACTION_KEY: 64 hex digits. */
  env?: string;
  /** The user's config folder; its `redaction-keys/*.key` are searched, and `default.key` made there when missing. */
  configFolder: string;
}

/**
 * The key to record with. Makes `redaction-keys/default.key` (mode 0600) when no other is given and none is there; two
 * processes that start at once get the same one. Throws an OperatorError for a key that cannot be read or is none.
 */
export function loadRedactionKey(sources: RedactionKeySources): RedactionKey {
  return givenKey(sources) ?? defaultKey(sources.configFolder);
}

/**
 * The key with this id, for who reads a tape: the one given, if it has the id, else the one in the config folder that
 * has it, else undefined. Throws an OperatorError for a given key that cannot be read or is none; files of the folder
 * that are no keys are passed over.
 */
export function findRedactionKey(sources: RedactionKeySources & { keyId: string }): RedactionKey | undefined {
  const given = givenKey(sources);
  if (given?.id === sources.keyId) return given;
  return keysIn(keyFolder(sources.configFolder)).find((key) => key.id === sources.keyId);
}

/** A key from its 32 bytes. */
export function redactionKey(bytes: Uint8Array): RedactionKey {
  const id = createHash("sha256").update("tapeloop redaction key id\0").update(bytes).digest("hex").slice(0, 16);
  return { id, bytes };
}

function givenKey(sources: RedactionKeySources): RedactionKey | undefined {
  if (sources.file !== undefined) return readKeyFile(sources.file);
  if (sources.env === undefined || sources.env === "") return undefined;
  return parseKey(sources.env, "TAPELOOP_REDACTION_KEY");
}

function defaultKey(configFolder: string): RedactionKey {
  const path = join(keyFolder(configFolder), "default.key");
  const present = readIfThere(path);
  if (present !== undefined) return parseKey(present, `redaction key file "${path}"`);
  makeKeyFile(keyFolder(configFolder), path);
  return readKeyFile(path);
}

/** Written whole under another name, then linked: who opens the file sees a whole key, and the first one wins. */
function makeKeyFile(folder: string, path: string): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    linkSync(draft, path);
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return;
    throw new OperatorError(
      `cannot make the redaction key "${path}": ${reasonOf(thrown)}; give one with --redaction-key FILE or TAPELOOP_REDACTION_KEY`,
      { cause: thrown },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

function readKeyFile(path: string): RedactionKey {
  const text = readIfThere(path);
  if (text === undefined) throw new OperatorError(`cannot read the redaction key "${path}": no such file`);
  return parseKey(text, `redaction key file "${path}"`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw new OperatorError(`cannot read the redaction key "${path}": ${reasonOf(thrown)}`, { cause: thrown });
  }
}

/** The key itself is never part of the message. */
function parseKey(text: string, source: string): RedactionKey {
  const hex = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new OperatorError(
      `${source} holds no key: expected 64 hex digits, saw ${hex.length} characters; make one with "openssl rand -hex 32"`,
    );
  }
  return redactionKey(Uint8Array.from(Buffer.from(hex, "hex")));
}

function keysIn(folder: string): RedactionKey[] {
  return namesIn(folder)
    .filter((name) => name.endsWith(".key"))
    .flatMap((name) => {
      const text = readIfThere(join(folder, name))?.trim();
      return text !== undefined && /^[0-9a-f]{64}$/i.test(text) ? [parseKey(text, name)] : [];
    });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return [];
    throw new OperatorError(`cannot search for redaction keys in "${folder}": ${reasonOf(thrown)}`, { cause: thrown });
  }
}

function keyFolder(configFolder: string): string {
  return join(configFolder, "redaction-keys");
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { code?: unknown }).code;
}
