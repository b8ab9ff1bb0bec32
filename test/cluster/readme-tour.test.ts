import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { realCluster } from "../support/cluster.js";
import { hasHelm, runProgram } from "../support/helm.js";
import { canMakeImages, type Image, simpleServiceImage, tapeloopImage } from "../support/image.js";
import { compiledFolder, projectFolder } from "../support/project.js";
import { needs } from "../support/real-parts.js";
import { tempFolder } from "../support/temp.js";

test("the README's tour of a cluster runs line by line, and leaves nothing to put back", async (t) => {
  const ground = await realCluster(t);
  const images = "cluster scripts that make images, or TAPELOOP_IMAGE";
  if (ground === undefined || !hasHelm(t) || !needs(t, images, canMakeImages(), "see CONTRIBUTING.md")) return;
  const shop = `tapeloop-tour-${randomBytes(4).toString("hex")}`;
  const tapeloop = `${shop}-recorder`;
  t.after(() => runProgram("kubectl", ["delete", "namespace", shop, `${shop}-next`, tapeloop, "--wait=false"]));

  const said = await runTour(t, inNamespaces(tourOfReadme(), shop, tapeloop));

  assert.match(said, /ok: http:\/\/frontend:80\/page\/1/);
  for (const hop of ["frontend", "reviews", "ratings"]) assert.match(said, new RegExp(`${shop}/.*${hop}.*since`));
  assert.match(said, /frontend → reviews +1 /);
  assert.match(said, /nothing stands in the way/);
  assert.match(said, /^Passed/m);
  assert.match(said, /ratings: .*200 ?ms/);
  assert.match(said, /rolled out/);
  assert.match(said, /the journal is empty: nothing of ours is in the way/);
});

function tourOfReadme(): string {
  const readme = readFileSync(join(projectFolder, "README.md"), "utf8");
  const section = readme.split("\n## ").find((text) => text.startsWith("In a cluster\n"));
  const block = /\n```\n([\s\S]*?)\n```\n/.exec(section ?? "")?.[1];
  assert.ok(block !== undefined, "README has no block of commands under 'In a cluster'");
  return block;
}

/** The same in namespaces of the test's own. */
function inNamespaces(tour: string, shop: string, tapeloop: string): string {
  return tour
    .replaceAll(/(-n )tapeloop\b/g, `$1${tapeloop}`)
    .replaceAll(/((?:-n|namespace) )shop\b/g, `$1${shop}`)
    .replaceAll('"shop/*"', `"${shop}/*"`)
    .replaceAll(" shop-next", ` ${shop}-next`)
    .replaceAll("recorder.tapeloop:", `recorder.${tapeloop}:`)
    .replaceAll("9090 &", "9090 >&2 & until (: < /dev/tcp/127.0.0.1/9090) 2>/dev/null; do sleep 0.1; done");
}

/** By a shell, each line printed before it is run; the first that fails ends it. Gives all that was said. */
async function runTour(t: TestContext, tour: string): Promise<string> {
  const folder = tempFolder(t);
  for (const name of ["charts", "examples"]) symlinkSync(join(projectFolder, name), join(folder, name));
  const image = ({ repository, tag }: Image) => `--set image.repository=${repository},image.tag=${tag}`;
  const [own, services] = await Promise.all([tapeloopImage(), simpleServiceImage()]);
  const script = `
    set -euo pipefail
    cd ${folder}
    export TAPELOOP_IMAGE=${own.ref}
    trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
    tapeloop() { ${process.execPath} ${join(compiledFolder, "cli/main.js")} "$@"; }
    helm() {
      case "$*" in
        install*simple-service*) command helm "$@" ${image(services)} ;;
        install*) command helm "$@" ${image(own)} --set resources.requests.cpu=10m ;;
        *) command helm "$@" --logs ;;
      esac
    }
    set -x
    ${tour}`;
  const { code, stdout, stderr } = await runProgram("bash", ["-c", script]);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return stdout;
}
