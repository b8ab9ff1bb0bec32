// Asks whether the targets and the recorders can be reached from where the replay runs. Any answer will do; nothing is sent
// that changes anything.
import { setTimeout as sleep } from "node:timers/promises";

const { URLS, SIDECAR } = process.env;

async function reaches(url) {
  let seen = "";
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(500)) {
    try {
      const { status } = await fetch(url, { method: "HEAD", headers: { "x-tapeloop-run": "helm-test" } });
      if (status !== 503) return console.log(`ok: ${url} answers ${status}`);
      seen = "503: no endpoint, or the mesh lets nobody there";
    } catch (failure) {
      seen = String(failure.cause ?? failure);
    }
  }
  throw new Error(`cannot reach ${url}: ${seen}`);
}

try {
  for (const url of URLS.split(" ")) await reaches(url);
} catch (failure) {
  console.error(failure.message);
  process.exitCode = 1;
} finally {
  // A sidecar that is no native one keeps the pod alive until it is told.
  if (SIDECAR === "true") await fetch("http://127.0.0.1:15020/quitquitquit", { method: "POST" }).catch(() => {});
}
