// Puts a real Prometheus into .cache/prometheus (once) and prints the path of its binary. Takes Debian's package apart
// without installing it, so that no service of it runs on this machine. Needs apt-get and dpkg-deb; the machine's own apt
// settings apply.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../.cache/prometheus", import.meta.url));
const folder = join(cache, "package");
const binary = join(folder, "usr", "bin", "prometheus");

try {
  if (!existsSync(binary)) install();
  console.log(binary);
} catch (failure) {
  console.error(failure.message);
  process.exitCode = 1;
}

/** Takes it apart beside and renames, so that two tests that start at once never see half a Prometheus. */
function install() {
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(join(cache, "partial-"));
  try {
    download(partial);
    const file = readdirSync(partial).find((name) => name.endsWith(".deb"));
    if (file === undefined) throw new Error("cannot get prometheus: apt-get download left no .deb file");
    const unpacked = join(partial, "unpacked");
    run("dpkg-deb", ["-x", file, unpacked], partial);
    putInPlace(unpacked);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** A machine whose package lists are missing, or out of date, gets them first. */
function download(partial) {
  const words = ["download", "-qq", "-o", "APT::Sandbox::User=root", "prometheus"];
  try {
    run("apt-get", words, partial);
  } catch {
    run("apt-get", ["update", "-qq"], partial);
    run("apt-get", words, partial);
  }
}

function putInPlace(unpacked) {
  try {
    renameSync(unpacked, folder);
  } catch (failure) {
    if (!existsSync(binary)) throw failure;
  }
}

function run(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (done.status === 0) return;
  const lastLine = (done.stderr ?? "").trim().split("\n").at(-1) || done.error?.message;
  throw new Error(`cannot get prometheus by ${command}: ${lastLine}`);
}
