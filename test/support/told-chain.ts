import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Exchange, openTape } from "../../tape/index.js";
import { allOf } from "./captured.js";
import { type Ground, pull } from "./chart-ground.js";
import { tempFolder } from "./temp.js";
import { until } from "./until.js";

/** The recorder of a release `told`, which proxies tell by ext-proc of frontend → reviews → ratings. */
export const toldName = "told-recorder";
const hops = 3;

/** Calls made in a row: when all of them are seen at every hop, each thread of each proxy knows its way. */
export const callsInABatch = 5;

/** What frontend answers, called through its sidecar by way of the API server. */
export function pageOf({ namespace, releases }: Ground, id: string): Promise<string> {
  return releases.kubectl([
    "get",
    "--raw",
    `/api/v1/namespaces/${namespace}/services/http:frontend:80/proxy/page/${id}`,
  ]);
}

/** Of three digits, so that pages have numbers of four, which are seen to be ids. */
let lastBatch = 100;

/** Calls frontend, batch after batch, until one was told at every hop; gives its number: its pages are `1010`, `1011` and so on for 101. */
export async function untilTold(t: TestContext, ground: Ground): Promise<number> {
  const tape = join(tempFolder(t), "tape");
  let last: readonly Exchange[] = [];
  const isTold = async (batch: number) => {
    await pullTold(t, ground, tape);
    last = await toldOf(batch, tape);
    return last.length === hops * callsInABatch;
  };
  return until(
    "a batch of calls to be told of at every hop",
    async () => {
      const batch = ++lastBatch;
      for (let at = 0; at < callsInABatch; at++) await pageOf(ground, `${batch}${at}`);
      return until("it to be told", () => isTold(batch), { withinMs: 3_000 }).then(
        () => batch,
        () => undefined,
      );
    },
    { withinMs: 120_000, seen: () => last.map(({ callee, request }) => `${callee} ${request.path}`) },
  );
}

/** Pulls the recorder's tape; gives the folder. */
export async function pullTold(
  t: TestContext,
  ground: Ground,
  tape: string = join(tempFolder(t), "tape"),
): Promise<string> {
  await pull(ground, tape, "app.kubernetes.io/name=recorder,app.kubernetes.io/instance=told");
  return tape;
}

/** What a tape has of a batch, entry first. */
export async function toldOf(batch: number, path: string): Promise<Exchange[]> {
  const tape = await openTape([path]);
  try {
    const all = await allOf(tape.read());
    const isOfIt = ({ request }: Exchange) => Math.floor(Number(request.path.split("/")[2]) / 10) === batch;
    return all.filter(isOfIt).sort((one, other) => Number(isEntry(other)) - Number(isEntry(one)));
  } finally {
    await tape.close();
  }
}

const isEntry = ({ hop }: Exchange) => hop === "frontend";
