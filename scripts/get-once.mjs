// What the scripts share that get something from elsewhere for tests: it is put below .cache once, and its place printed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A place below .cache. */
export function cached(...names) {
  return join(fileURLToPath(new URL("../.cache", import.meta.url)), ...names);
}

/**
 * Prints the place of `wanted`, which is in `folder` or is the folder itself, and has `fill` make that first where it is not
 * there. Filled beside and renamed, so that two tests that start at once never see half of it.
 *
 * @param fill puts it into a folder, and gives the one that is to be renamed where that is another
 */
export function getOnce(folder, wanted, fill) {
  try {
    if (!existsSync(wanted)) install(folder, wanted, fill);
    console.log(wanted);
  } catch (failure) {
    console.error(failure.message);
    process.exitCode = 1;
  }
}

function install(folder, wanted, fill) {
  mkdirSync(dirname(folder), { recursive: true });
  const partial = mkdtempSync(join(dirname(folder), "partial-"));
  try {
    const filled = fill(partial) ?? partial;
    try {
      renameSync(filled, folder);
    } catch (failure) {
      if (!existsSync(wanted)) throw failure;
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Runs a program to its end. Throws with the last thing it said when it fails. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: "utf8", ...options });
  if (done.status === 0) return;
  const lastLine = (done.stderr ?? "").trim().split("\n").at(-1) || done.error?.message;
  throw new Error(`${command} ${args.join(" ")} failed: ${lastLine}`);
}

/** Installs Python packages into a folder. */
export function pipInstall(folder, args) {
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" };
  run("python3", ["-m", "pip", "install", "--quiet", "--no-compile", "--target", folder, ...args], { env });
}
