/** What the benchmarks use of autocannon, which comes without types. */
declare module "autocannon" {
  interface Client {
    setBody(body: string): void;
    on(event: "response", listener: () => void): void;
  }
  interface Options {
    url: string;
    connections: number;
    /** So many calls … */
    amount?: number;
    /** … or so many seconds. */
    duration?: number;
    method?: string;
    headers?: Record<string, string>;
    /** Calls a second, all connections together. */
    overallRate?: number;
    setupClient?: (client: Client) => void;
  }
  interface Result {
    errors: number;
    non2xx: number;
    requests: { total: number; average: number };
    /** Milliseconds. */
    latency: { p50: number; p99: number };
  }
  export default function autocannon(options: Options): Promise<Result>;
}
