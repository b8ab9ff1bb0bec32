// Puts the peers of the benchmarks into .cache/peers (once): mitmdump (Python 3.12 or newer gets the newest; pip) and GoReplay (Go and
// libpcap's headers) and vegeta (Go). Prints a JSON object of those that are there: {"mitmproxy": folder for PYTHONPATH,
// "goreplay": binary, "vegeta": binary}.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../.cache/peers", import.meta.url));
mkdirSync(folder, { recursive: true });

const mitmproxy = join(folder, "mitmproxy");
const pip = ["-m", "pip", "install", "--quiet", "--no-compile", "--target", mitmproxy, "mitmproxy"];
const goreplay = join(folder, "goreplay");
const go = ["install", "github.com/buger/goreplay@v1.3.2"];
const vegeta = join(folder, "vegeta");
const goVegeta = ["install", "github.com/tsenart/vegeta/v12@v12.12.0"];

const peers = {
  mitmproxy: get(join(mitmproxy, "bin", "mitmdump"), "python3", pip) ? mitmproxy : undefined,
  goreplay: get(goreplay, "go", go) ? goreplay : undefined,
  vegeta: get(vegeta, "go", goVegeta) ? vegeta : undefined,
};
console.log(JSON.stringify(peers));

function get(wanted, command, args) {
  if (existsSync(wanted)) return true;
  const env = { ...process.env, GOBIN: folder, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" };
  const done = spawnSync(command, args, { encoding: "utf8", env });
  if (!existsSync(wanted)) console.error(`cannot get ${wanted}: ${(done.stderr ?? "").trim().split("\n").at(-1)}`);
  return existsSync(wanted);
}
