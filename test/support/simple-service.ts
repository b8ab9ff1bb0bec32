import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { startReadyProcess } from "../../lab/index.js";
import { tempFolder } from "./temp.js";

export const simpleServiceScript = fileURLToPath(new URL("../../simple-service/main.js", import.meta.url));

/** A simple-service process that ends with the test; gives its base URL. */
export async function startSimpleService(t: TestContext, ...args: readonly string[]): Promise<string> {
  const process = await startReadyProcess({ name: "service", script: simpleServiceScript, args });
  t.after(() => process.stop());
  return `http://${String(process.ready.listen)}`;
}

/** A behave file that goes when the test ends; gives its path. JSON is YAML. */
export function behaveFile(t: TestContext, behaviour: object): string {
  const file = join(tempFolder(t), "behave.yaml");
  writeFileSync(file, JSON.stringify(behaviour));
  return file;
}
