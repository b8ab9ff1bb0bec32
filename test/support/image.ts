import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { packageFor } from "../../tape/sqlite/sqlite.js";
import { compiledFolder, projectFolder } from "./project.js";

const run = promisify(execFile);

/** Scripts that make images without a registry and bring them into the cluster's node; what a kind cluster has instead is `TAPELOOP_IMAGE`. */
const clusterTools = join(projectFolder, "..", "shared", "cluster");
/** As the Containerfile's USER: has no rights. */
const user = "65532:65532";
/** What of the compiled tree is in an image, by the first folder of a path. */
type IsInside = (path: string) => boolean;
const allOfTheProduct: IsInside = (path) => !/^(?:test|bench)(?:[/\\]|$)/.test(path);
const simpleServiceAlone: IsInside = (path) => /^simple-service(?:[/\\]|$)/.test(path);

/** An image as charts take it; `ref` is both. */
export interface Image {
  ref: string;
  repository: string;
  tag: string;
}

/** Whether images can be made for the cluster at hand, or are given. */
export function canMakeImages(): boolean {
  return process.env.TAPELOOP_IMAGE !== undefined || existsSync(join(clusterTools, "cluster"));
}

/** The image of recorder and replay, entry `tapeloop`, made of the compiled tree that this test runs from; `TAPELOOP_IMAGE` names another. */
export function tapeloopImage(): Promise<Image> {
  return imageOf("tapeloop", "cli/main.js", allOfTheProduct, process.env.TAPELOOP_IMAGE);
}

/** The image of `simple-service`; `TAPELOOP_SIMPLE_SERVICE_IMAGE` names another. */
export function simpleServiceImage(): Promise<Image> {
  const given = process.env.TAPELOOP_SIMPLE_SERVICE_IMAGE;
  return imageOf("simple-service", "simple-service/main.js", simpleServiceAlone, given);
}

const made = new Map<string, Promise<Image>>();

/** Once a process; and once a content for all, since the tag is its hash and a node keeps what it has. */
function imageOf(name: string, entry: string, isInside: IsInside, given: string | undefined): Promise<Image> {
  const make = () => (given === undefined ? makeImage(name, entry, isInside) : Promise.resolve(parseImage(given)));
  const known = made.get(name) ?? make();
  made.set(name, known);
  return known;
}

function parseImage(ref: string): Image {
  const colon = ref.lastIndexOf(":");
  return colon > ref.lastIndexOf("/")
    ? { ref, repository: ref.slice(0, colon), tag: ref.slice(colon + 1) }
    : { ref: `${ref}:latest`, repository: ref, tag: "latest" };
}

async function makeImage(name: string, entry: string, isInside: IsInside): Promise<Image> {
  const image = parseImage(`tapeloop.test/${name}:${contentHash(isInside)}`);
  if (await nodeHas(image.ref)) return image;
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-image-"));
  try {
    const layers = [await nodeLayer(folder), modulesLayer(folder), distLayer(folder, isInside)];
    const archive = join(folder, "image.tar");
    const entrypoint = JSON.stringify(["/usr/bin/node", `/app/dist/${entry}`]);
    const words = ["-o", archive, "-n", image.ref, ...layers.flatMap((layer) => ["-l", layer]), "-e", entrypoint];
    await run(process.execPath, [join(clusterTools, "mkimage.mjs"), ...words, "-u", user, "-w", "/app"]);
    await run(join(clusterTools, "cluster"), ["load", archive]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return image;
}

async function nodeHas(ref: string): Promise<boolean> {
  const { stdout } = await run(join(clusterTools, "cluster"), ["ctr", "images", "ls", "-q"]);
  return stdout.split("\n").includes(ref);
}

/** Node with the shared libraries that it and the SQLite binding name. */
async function nodeLayer(folder: string): Promise<string> {
  const layer = join(folder, "node");
  const binding = sqliteBinding();
  const programs = [`${process.execPath}:/usr/bin/node`, `${join(projectFolder, binding)}:/app/${binding}`];
  await run("bash", [join(clusterTools, "mkroot.sh"), layer, ...programs]);
  return layer;
}

/** Of the SQLite that this Node loads: the older one is compiled, the newer one brings a binary for each platform. */
function sqliteBinding(): string {
  const name = packageFor(Number(process.versions.napi));
  const isOlder = name === "better-sqlite3-12";
  const inside = isOlder ? "build/Release/better_sqlite3.node" : `prebuilds/${process.platform}-${process.arch}.node`;
  return join("node_modules", name, inside);
}

/** What `npm ci --omit=dev` would install, out of what is installed here: packages that the lockfile does not call dev. */
function modulesLayer(folder: string): string {
  const layer = join(folder, "modules");
  for (const at of productionPackages()) {
    cpSync(join(projectFolder, at), join(layer, "app", at), {
      recursive: true,
      filter: isNeeded(join(projectFolder, at)),
    });
  }
  return layer;
}

interface Lockfile {
  packages: Record<string, { dev?: boolean; version?: string }>;
}

function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(projectFolder, "package-lock.json"), "utf8")) as Lockfile;
  return Object.entries(packages)
    .filter(([at, { dev }]) => at !== "" && dev !== true && existsSync(join(projectFolder, at)))
    .map(([at]) => at);
}

/** Packages inside packages have entries of their own; sources, types and maps are nothing to run. */
function isNeeded(from: string) {
  return (path: string): boolean => {
    const inside = relative(from, path);
    if (inside === "node_modules") return false;
    if (/better-sqlite3(-12)?$/.test(from) && /^(?:deps|src|build\/Release\/obj.*)$/.test(inside)) return false;
    return !/\.(?:map|d\.[cm]?ts|md)$/.test(inside);
  };
}

function distLayer(folder: string, isInside: IsInside): string {
  const app = join(folder, "dist", "app");
  mkdirSync(app, { recursive: true });
  cpSync(compiledFolder, join(app, "dist"), {
    recursive: true,
    filter: (path) => path === compiledFolder || isInside(relative(compiledFolder, path)),
  });
  cpSync(join(projectFolder, "package.json"), join(app, "package.json"));
  return join(folder, "dist");
}

function contentHash(isInside: IsInside): string {
  const hash = createHash("sha256").update(process.version);
  for (const name of ["package.json", "package-lock.json"]) hash.update(readFileSync(join(projectFolder, name)));
  for (const name of readdirSync(compiledFolder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!name.endsWith(".js") || !isInside(name)) continue;
    hash.update(name).update(readFileSync(join(compiledFolder, name)));
  }
  return hash.digest("hex").slice(0, 16);
}
