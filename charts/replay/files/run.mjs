// Pulls the tape where it is asked to, replays it, and lets the sidecar go: the exit code is the replay's own.
import { spawn } from "node:child_process";

const { PULL = "", SIDECAR } = process.env;
const replayWords = process.argv.slice(1);
let child;
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child?.kill(signal));

function tapeloop(words) {
  child = spawn(process.execPath, ["/app/dist/cli/main.js", ...words], { stdio: "inherit" });
  return new Promise((resolve) => child.once("close", (code) => resolve(code ?? 130)));
}

const recorders = PULL.split(" ").filter(Boolean);
const pulled = recorders.length === 0 ? 0 : await tapeloop(["tape", "pull", ...recorders, "--tape", "/tape", "--seal"]);
process.exitCode = pulled === 0 ? await tapeloop(["replay", ...replayWords]) : pulled;

// A sidecar that is no native one keeps the pod alive until it is told.
if (SIDECAR === "true") await fetch("http://127.0.0.1:15020/quitquitquit", { method: "POST" }).catch(() => {});
