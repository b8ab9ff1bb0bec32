// Asks the recorder whether it is ready and whether it takes a call. What is sent carries a replay's mark, so that it is
// counted and not kept on the tape.
import { connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";

const { RECORD, ADMIN, MODE, SIDECAR, WRITERS } = process.env;

async function main() {
  await eventually("the recorder to be ready", async () => (await fetch(`${ADMIN}/readyz`)).status === 200);
  if (MODE === "ext-proc") await eventually("a gRPC port", opensHttp2);
  else await eventually("a call to be taken", isTaken);
}

/** The mark keeps it off the tape. Where the policy lets only some write, being turned away by it is what is wanted. */
async function isTaken() {
  const { status } = await fetch(RECORD, { method: "POST", headers: { "x-tapeloop-run": "helm-test" }, body: "{}" });
  return (status >= 200 && status < 300) || (WRITERS === "some" && status === 403);
}

function opensHttp2() {
  return new Promise((resolve) => {
    const session = connect(RECORD);
    session.once("remoteSettings", () => session.close(() => resolve(true)));
    session.once("error", () => resolve(false));
  });
}

async function eventually(awaited, look) {
  let seen = "";
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(500)) {
    try {
      if (await look()) return console.log(`ok: ${awaited}`);
    } catch (failure) {
      seen = String(failure.cause ?? failure);
    }
  }
  throw new Error(`waited in vain for ${awaited} ${seen}`);
}

try {
  await main();
} catch (failure) {
  console.error(failure.message);
  process.exitCode = 1;
} finally {
  // A sidecar that is no native one keeps the pod alive until it is told.
  if (SIDECAR === "true") await fetch("http://127.0.0.1:15020/quitquitquit", { method: "POST" }).catch(() => {});
}
