import type { TestContext } from "node:test";
import { type Child, startChild } from "./child.js";
import { type Home, mainFile } from "./command-line.js";
import { type MeddlingApi, startMeddlingApi } from "./meddling-api.js";
import type { SpareCluster } from "./spare-cluster.js";

/** A command before one of whose API calls the API server freezes: that call, and all after it, hang until it is thawed. */
export interface Frozen {
  child: Child;
  api: MeddlingApi;
  /** Resolves when it froze: true; or when the command ended without coming so far: false. */
  froze: Promise<boolean>;
  /** Whether calls that were made have still to be answered by the API server. */
  areCallsOut(): boolean;
}

/** Starts the command in a home's folder; the first call that `at` is true of is the one. */
export async function freezeAt(
  t: TestContext,
  spare: SpareCluster,
  { words, home, at }: { words: readonly string[]; home: Home; at: (call: string, number: number) => boolean },
): Promise<Frozen> {
  let [begun, over] = [0, 0];
  let isFrozen = false;
  let freeze = (_froze: boolean) => {};
  const frozen = new Promise<boolean>((resolve) => {
    freeze = resolve;
  });
  const api = await startMeddlingApi(t, spare.kubeconfig, {
    before: async (call, number) => {
      begun++;
      if (isFrozen || !at(call, number)) return;
      isFrozen = true;
      await spare.freeze();
      freeze(true);
    },
    after: () => {
      over++;
      return true;
    },
  });
  const env = { ...home.env, KUBECONFIG: api.kubeconfig };
  const child = startChild(t, process.execPath, [mainFile, ...words], { env, cwd: home.folder });
  const froze = Promise.race([frozen, child.ended.then(() => false)]);
  return { child, api, froze, areCallsOut: () => over < begun };
}
