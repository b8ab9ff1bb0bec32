import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Lab, startLab } from "../../lab/index.js";
import { type Home, tapeloop } from "./command-line.js";
import { projectFolder } from "./project.js";
import { startRecorderProcess } from "./recorder-process.js";

/** A file of `examples/bookinfo-like/`. */
export const bookinfoFile = (name: string) => join(projectFolder, "examples/bookinfo-like", name);

/** productpage → details, reviews → ratings, as processes behind edges that obey `abort-ratings.yaml`. */
export interface BookinfoMesh {
  lab: Lab;
  entry: URL;
  /** Ends its recorders, so that all they have seen is on their tapes. */
  stopRecorders(): Promise<void>;
}

/** Starts the mesh with one version of reviews; `hops`: tape of the recorders in front of the services behind the page. */
export async function startBookinfo(
  t: TestContext,
  home: Home,
  { reviews, hops }: { reviews: "v3" | "v4"; hops: string },
): Promise<BookinfoMesh> {
  const names = ["productpage", "details", "reviews", "ratings"];
  const fileName = bookinfoFile("abort-ratings.yaml");
  const lab = await startLab({
    services: names.map((name) => ({
      name,
      behave: bookinfoFile(name === "reviews" ? `reviews-${reviews}.yaml` : `${name}.yaml`),
    })),
    virtualServices: { yaml: readFileSync(fileName, "utf8"), fileName },
  });
  t.after(() => lab.stop());
  const recorders = await Promise.all(
    names.slice(1).map(async (service) => {
      const upstream = lab.address(service).origin;
      const inbound = ["--mode", "inbound", "--service", service, "--upstream", upstream, "--record-replays"];
      const recorder = await startRecorderProcess(t, home, { tape: hops, more: inbound });
      lab.setInboundVia(service, `http://127.0.0.1:${recorder.port}`);
      return recorder;
    }),
  );
  return {
    lab,
    entry: await lab.entry("productpage"),
    stopRecorders: async () => void (await Promise.all(recorders.map((recorder) => recorder.stop()))),
  };
}

/** Users call the page so many times, through a recorder at the entry; gives the tape. */
export async function recordPages(t: TestContext, home: Home, entry: URL, calls: number): Promise<string> {
  const tape = join(home.folder, "tape/");
  const inbound = ["--mode", "inbound", "--service", "productpage", "--upstream", entry.origin];
  const recorder = await startRecorderProcess(t, home, { tape, more: inbound });
  for (let id = 1; id <= calls; id++) {
    const answer = await fetch(`http://127.0.0.1:${recorder.port}/api/v1/products/${id}`);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`the recorded page ${id} was answered ${answer.status}`);
  }
  await recorder.stop();
  return tape;
}

/** `tapeloop replay` of the tape, with a report; gives the exit code with what was printed. */
export function replayPages(t: TestContext, home: Home, words: readonly string[]) {
  return tapeloop(t, home, ["replay", join(home.folder, "tape/"), "--report", join(home.folder, "report"), ...words]);
}
