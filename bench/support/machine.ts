import { cpus } from "node:os";

/** Where and when figures were taken: `2026-11-22 · 2 × AMD EPYC · Node 20.20.2`. */
export function machineText(): string {
  const cores = cpus();
  const day = new Date().toISOString().slice(0, 10);
  return `${day} · ${cores.length} × ${cores[0]?.model.trim() ?? "unknown"} · Node ${process.versions.node}`;
}
