// Runs the compiled tests with Node's own runner: all of them, or those whose path contains one of the words given.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const words = process.argv.slice(2);
const files = readdirSync(`${root}dist/test`, { recursive: true })
  .map((name) => `dist/test/${name}`)
  .filter((name) => name.endsWith(".test.js"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${words.join(" ")}`);
  process.exit(2);
}
const child = spawn(process.execPath, ["--test", "--test-reporter=spec", "--enable-source-maps", ...files], {
  cwd: root,
  stdio: "inherit",
});
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
