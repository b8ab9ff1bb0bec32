import { createRequire } from "node:module";

/** The release that this is, from package.json, which stands beside `dist/`. */
export const version: string = (createRequire(import.meta.url)("../../package.json") as { version: string }).version;
