import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { OperatorError, reasonOf } from "../../base/index.js";
import { joinCalls } from "../calls.js";
import type { ExchangeHead } from "../exchange.js";
import { learnRoutes } from "../routes.js";
import type { TapeReader } from "../store.js";

/** A thing that an OpenAPI file promises: an operation with one of its statuses (`200`, `4XX`, `default`). */
export interface Promised {
  method: string;
  /** As the file writes it, with the base path of its servers. */
  path: string;
  status: string;
}

/** A file beside a tape: what one has and the other has not. */
export interface OpenApiCoverage {
  /** How many operation × status pairs the file has. */
  promised: number;
  /** In the file, and no call of the tape met it. In the file's order. */
  unmet: readonly Promised[];
  /** On the tape, and the file has no such operation, or no such status for it. Most calls first. */
  unknown: readonly UnknownCalls[];
}

/** Calls that a file does not know, by route and status. */
export interface UnknownCalls {
  method: string;
  /** The file's where it has the operation and not the status, else the tape's route. */
  path: string;
  status: string;
  calls: number;
  why: "operation" | "status";
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/**
 * Reads the operations of an OpenAPI 3 file (YAML or JSON). Path items by `$ref` inside the file are followed, no other
 * file is opened. Throws an OperatorError for what is no OpenAPI 3.
 */
export function readOpenApi(path: string): Promised[] {
  let document: unknown;
  try {
    document = parseYaml(readFileSync(path, "utf8"), { logLevel: "error" });
  } catch (cause) {
    throw new OperatorError(`cannot read OpenAPI file ${path}: ${reasonOf(cause)}`, { cause });
  }
  const version = field(document, "openapi");
  if (typeof version !== "string" || !version.startsWith("3.")) {
    throw new OperatorError(
      `cannot read OpenAPI file ${path}: it says ${version === undefined ? "no openapi version" : `openapi ${String(version)}`}; version 3 is read`,
    );
  }
  return promisedBy(document);
}

function promisedBy(document: unknown): Promised[] {
  const found: Promised[] = [];
  const servers = field(document, "servers");
  for (const [path, written] of entriesOf(field(document, "paths"))) {
    const item = resolved(document, written);
    for (const method of methods) {
      const operation = resolved(document, field(item, method));
      if (operation === undefined) continue;
      const base = basePathOf(field(operation, "servers") ?? field(item, "servers") ?? servers);
      const statuses = entriesOf(field(operation, "responses")).map(([status]) => statusForm(status));
      for (const status of statuses.length === 0 ? ["default"] : statuses) {
        found.push({ method: method.toUpperCase(), path: base + path, status });
      }
    }
  }
  return found;
}

/** `4xx` is written in both cases. */
function statusForm(status: string): string {
  return status === "default" ? status : status.toUpperCase();
}

/** The path of the first server's URL, without the slash that ends it; variables take their default. */
function basePathOf(servers: unknown): string {
  const server: unknown = Array.isArray(servers) ? servers[0] : undefined;
  const variable = (_: string, name: string) => String(field(field(field(server, "variables"), name), "default") ?? "");
  const url = String(field(server, "url") ?? "").replace(/\{([^}]*)\}/g, variable);
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "").replace(/\/+$/, "");
}

/** `$ref` into the same file, as often as it leads on; a circle ends it. */
function resolved(document: unknown, value: unknown): unknown {
  let at = value;
  for (let steps = 0; steps < 16; steps++) {
    const ref = field(at, "$ref");
    if (typeof ref !== "string" || !ref.startsWith("#/")) return at;
    const tokens = ref
      .slice(2)
      .split("/")
      .map((token) => decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~"));
    at = tokens.reduce<unknown>(field, document);
  }
  return undefined;
}

/**
 * Compares a file with the calls of a tape. A path that is written out goes before a templated one (OpenAPI 3.1, section
 * 4.8.8.2); a status is met by itself, else by its class (`4XX`), else by `default`. A `service` narrows the tape to the
 * calls it received: a file is about one service.
 */
export async function openApiCoverage(
  tape: TapeReader,
  promised: readonly Promised[],
  { service }: { service?: string } = {},
): Promise<OpenApiCoverage> {
  const heads: ExchangeHead[] = [];
  for await (const head of tape.skim()) {
    if (service === undefined || head.callee === service) heads.push(head);
  }
  const calls = joinCalls(heads).map(({ best }) => best);
  const routeOf = learnRoutes(calls.map(({ request }) => request));
  const operations = operationsOf(promised);
  const met = new Set<Promised>();
  const unknown = new Map<string, UnknownCalls>();
  for (const { request, answer } of calls) {
    const operation = operations.find((one) => one.method === request.method && one.matches(request.path));
    const status = "status" in answer ? String(answer.status) : undefined;
    const promise = status === undefined ? undefined : operation?.byStatus(status);
    if (promise !== undefined) met.add(promise);
    else if (operation === undefined) {
      const path = routeOf(request.method, request.path).slice(request.method.length + 1);
      count(unknown, { method: request.method, path, status: status ?? "unknown", why: "operation" });
    } else if (status !== undefined) {
      count(unknown, { method: request.method, path: operation.path, status, why: "status" });
    }
  }
  return {
    promised: promised.length,
    unmet: promised.filter((one) => !met.has(one)),
    unknown: [...unknown.values()].sort((a, b) => b.calls - a.calls || (a.path < b.path ? -1 : 1)),
  };
}

function count(unknown: Map<string, UnknownCalls>, calls: Omit<UnknownCalls, "calls">): void {
  const key = JSON.stringify([calls.method, calls.path, calls.status]);
  unknown.set(key, { ...calls, calls: (unknown.get(key)?.calls ?? 0) + 1 });
}

interface Operation {
  method: string;
  path: string;
  matches(path: string): boolean;
  byStatus(status: string): Promised | undefined;
}

/** Those written out first. */
function operationsOf(promised: readonly Promised[]): Operation[] {
  const byKey = new Map<string, Promised[]>();
  for (const one of promised) {
    const key = `${one.method} ${one.path}`;
    byKey.set(key, [...(byKey.get(key) ?? []), one]);
  }
  const templates = (path: string) => path.split("{").length - 1;
  const groups = [...byKey.values()].sort((a, b) => templates(a[0]!.path) - templates(b[0]!.path));
  return groups.map((group) => {
    const { method, path } = group[0]!;
    const form = new RegExp(
      `^${path
        .split(/\{[^}]*\}/)
        .map(escaped)
        .join("[^/]+")}/?$`,
    );
    const find = (status: string) => group.find((one) => one.status === status);
    return {
      method,
      path,
      matches: (called) => form.test(called.replace(/[?#].*$/s, "")),
      byStatus: (status) => find(status) ?? find(`${status[0]}XX`) ?? find("default"),
    };
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
