// Puts a real Prometheus into .cache/prometheus (once) and prints the path of its binary. Takes Debian's package apart
// without installing it, so that no service of it runs on this machine. Needs apt-get and dpkg-deb; the machine's own apt
// settings apply.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cached, getOnce, run } from "./get-once.mjs";

const folder = cached("prometheus", "package");

getOnce(folder, join(folder, "usr", "bin", "prometheus"), (partial) => {
  download(partial);
  const file = readdirSync(partial).find((name) => name.endsWith(".deb"));
  if (file === undefined) throw new Error("cannot get prometheus: apt-get download left no .deb file");
  const unpacked = join(partial, "unpacked");
  run("dpkg-deb", ["-x", file, unpacked], { cwd: partial });
  return unpacked;
});

/** A machine whose package lists are missing, or out of date, gets them first. */
function download(partial) {
  const words = ["download", "-qq", "-o", "APT::Sandbox::User=root", "prometheus"];
  try {
    run("apt-get", words, { cwd: partial });
  } catch {
    run("apt-get", ["update", "-qq"], { cwd: partial });
    run("apt-get", words, { cwd: partial });
  }
}
