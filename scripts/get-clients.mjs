// Puts the Python clients of test/system/clients.test.ts into .cache/python-clients (once) and prints the folder, for PYTHONPATH. Needs
// Python 3.10 or newer with pip; the machine's own pip settings apply.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = ["httpx[http2]==0.28.1", "grpcio==1.76.0"];
const cache = fileURLToPath(new URL("../.cache", import.meta.url));
const folder = join(cache, "python-clients");

if (!existsSync(folder)) install();
console.log(folder);

/** Installs beside and renames, so that nobody ever sees half of it. */
function install() {
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(join(cache, "partial-"));
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" };
  const args = ["-m", "pip", "install", "--quiet", "--no-compile", "--target", partial, ...packages];
  const done = spawnSync("python3", args, { encoding: "utf8", env });
  if (done.status === 0 && !existsSync(folder)) return renameSync(partial, folder);
  rmSync(partial, { recursive: true, force: true });
  if (done.status === 0) return;
  const lastLine = (done.stderr ?? "").trim().split("\n").at(-1) || done.error?.message;
  console.error(`cannot install ${packages.join(" ")} with python3 -m pip: ${lastLine}`);
  process.exit(1);
}
