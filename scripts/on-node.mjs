// Runs the tests on another version of Node: `node scripts/on-node.mjs VERSION [WORD…]`, such as 20.18.1 or 24; words choose test files
// as in scripts/test.mjs. That Node comes from npm (once) into .cache/on-node/VERSION, beside a copy of the project as it is now with
// modules built for it. Below Node 22.14 that needs Python 3 and a C++ compiler.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const [version, ...words] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version ?? "")) {
  console.error("usage: node scripts/on-node.mjs VERSION [WORD…], such as 20.18.1 or 24");
  process.exit(2);
}
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".cache", "on-node", version);
const project = join(folder, "project");
const nodePackage = `node-${process.platform}-${process.arch}`;
const nodeFolder = join(folder, "node_modules", nodePackage);
const env = {
  ...process.env,
  PATH: `${join(nodeFolder, "bin")}${delimiter}${process.env.PATH}`,
  npm_config_nodedir: nodeFolder, // its headers; without them they are downloaded
};

if (!existsSync(nodeFolder)) getNode();
copyProject();
installModules();
run("node", ["--version"], project);
run("npm", ["--silent", "run", "build"], project);
process.exitCode = run("node", ["scripts/test.mjs", ...words], project, "may fail");

function getNode() {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  run("npm", ["install", "--silent", "--no-save", "--ignore-scripts", `${nodePackage}@${version}`], folder);
}

/** All files that git knows or would take, without those of an earlier copy that are gone; its modules stay. */
function copyProject() {
  const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = listed.stdout.split("\0").filter((file) => file !== "" && existsSync(join(root, file)));
  const tops = new Set(files.map((file) => file.split("/")[0]));
  for (const top of [...tops, "dist"]) rmSync(join(project, top), { recursive: true, force: true });
  for (const file of files) cpSync(join(root, file), join(project, file));
  if (!existsSync(join(project, ".cache"))) symlinkSync(join(root, ".cache"), join(project, ".cache"));
}

/** Anew where the lockfile has changed. */
function installModules() {
  const lockfile = readFileSync(join(project, "package-lock.json"), "utf8");
  const installed = join(folder, "installed-lockfile.json");
  if (existsSync(installed) && readFileSync(installed, "utf8") === lockfile) return;
  // All that is built is better-sqlite3-12, which is not loaded from Node 22.14 on.
  const built = Number(version.split(".")[0]) > 22 ? ["--ignore-scripts"] : [];
  run("npm", ["ci", "--no-audit", "--no-fund", ...built], project);
  writeFileSync(installed, lockfile);
}

/** Gives the exit code; one that is not 0 ends all, unless it may. */
function run(command, args, cwd, mayFail) {
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: "inherit" });
  if (status === 0 || (mayFail && status !== null)) return status;
  console.error(`${command} ${args.join(" ")} in ${cwd}: ${error?.message ?? `ended with ${status}`}`);
  process.exit(1);
}
