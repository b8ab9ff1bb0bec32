import type { Cover, OpenApiCoverage } from "../../../tape/index.js";

/** A list of ids that `replay --select` reads: after each, as a comment, what it is there for. */
export function coverText({ calls, of, routeStatuses, places }: Cover, out: string | undefined): string {
  const written = out === undefined ? "" : `; written to ${out}`;
  const head = `# ${calls.length} of ${of} calls cover ${routeStatuses} routes with a status and ${places} places of their answers${written}`;
  const width = Math.max(0, ...calls.map((call) => String(call.id).length));
  const lines = calls.map(({ id, route, status, brings, pinned }) => {
    const why = [pinned ? "pinned" : "", brings > 0 ? `brings ${brings}` : ""].filter(Boolean).join(", ");
    return `${String(id).padEnd(width)}  # ${route} ${status}${why === "" ? "" : ` (${why})`}`;
  });
  return `${[head, ...lines].join("\n")}\n`;
}

/** Both lists; lines begin with `#` so that they may stand below ids. */
export function openApiText({ promised, unmet, unknown }: OpenApiCoverage, file: string): string {
  const met = promised - unmet.length;
  const lines = [`# ${met} of ${promised} operations × status of ${file} are on the tape`];
  for (const { method, path, status } of unmet) lines.push(`# never met: ${method} ${path} ${status}`);
  for (const { method, path, status, calls, why } of unknown) {
    const lack = why === "operation" ? "no such operation" : "no such status";
    lines.push(`# not in the file: ${method} ${path} ${status} (${calls} calls, ${lack})`);
  }
  return `${lines.join("\n")}\n`;
}
