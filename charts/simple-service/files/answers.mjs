// Asks each service for a path that must answer 200.
import { setTimeout as sleep } from "node:timers/promises";

const { URLS, SIDECAR } = process.env;

async function answers(url) {
  let seen = "";
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(500)) {
    try {
      const { status } = await fetch(url);
      if (status === 200) return console.log(`ok: ${url}`);
      seen = String(status);
    } catch (failure) {
      seen = String(failure.cause ?? failure);
    }
  }
  throw new Error(`no 200 from ${url}: ${seen}`);
}

try {
  for (const url of URLS.split(" ")) await answers(url);
} catch (failure) {
  console.error(failure.message);
  process.exitCode = 1;
} finally {
  // A sidecar that is no native one keeps the pod alive until it is told.
  if (SIDECAR === "true") await fetch("http://127.0.0.1:15020/quitquitquit", { method: "POST" }).catch(() => {});
}
