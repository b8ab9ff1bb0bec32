// Puts the kinds of the Prometheus operator that charts make (ServiceMonitor, PrometheusRule) into .cache/operator-types (once),
// as CustomResourceDefinitions, and prints that folder. They come with the operator's own Go module; needs go.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cached, getOnce } from "./get-once.mjs";

const operator = {
  module: "github.com/prometheus-operator/prometheus-operator",
  version: "v0.86.1",
  sum: "h1:pHUuiRErcFb3nFDox7RxoxpEN0FyT24GtYOkr2GBu04=",
};
const kinds = ["servicemonitors", "prometheusrules"];

const folder = cached("operator-types", operator.version);

getOnce(folder, folder, (partial) => {
  const types = join(partial, "types");
  mkdirSync(types);
  const crds = join(download(join(partial, "modules")), "example", "prometheus-operator-crd");
  for (const kind of kinds) {
    const file = `monitoring.coreos.com_${kind}.yaml`;
    copyFileSync(join(crds, file), join(types, file));
  }
  return types;
});

/** Into `modules`, where it can be taken away again; gives its folder. Its hash is ours to know, so no other place is asked for it. */
function download(modules) {
  const { module, version, sum } = operator;
  const env = { ...process.env, GOMODCACHE: modules, GOFLAGS: "-modcacherw", GOTOOLCHAIN: "local", GONOSUMDB: module };
  const words = ["mod", "download", "-json", `${module}@${version}`];
  const { stdout, stderr, error } = spawnSync("go", words, { env, encoding: "utf8" });
  const got = stdout ? JSON.parse(stdout) : {};
  if (got.Dir === undefined) throw new Error(`cannot get ${module}: ${got.Error ?? error?.message ?? stderr.trim()}`);
  if (got.Sum !== sum) throw new Error(`cannot take ${module} ${version}: its hash is ${got.Sum}, not ${sum}`);
  return got.Dir;
}
