import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder: the nearest one above the compiled tests that holds package.json. */
export const projectFolder = nearestWith(dirname(fileURLToPath(import.meta.url)), "package.json");

/** The folder that holds the compiled tree this test runs from. */
export const compiledFolder = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

function nearestWith(folder: string, name: string): string {
  return existsSync(join(folder, name)) ? folder : nearestWith(dirname(folder), name);
}
