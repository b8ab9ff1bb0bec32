import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { TestContext } from "node:test";
import { needs } from "./real-parts.js";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--no-first-run",
  "--no-default-browser-check",
  "--remote-debugging-pipe",
];

/** A page that is open, and all that it said and asked for since. */
export interface OpenPage {
  /** What the console, uncaught exceptions and the browser's own log complained of. */
  readonly complaints: readonly string[];
  /** Addresses the page asked for, its own first. `data:` ones, which leave nothing, are not counted. */
  readonly requests: readonly string[];
  /** The value of an expression in the page, awaited; throws what it throws. */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses a key where the focus is: `Enter`, `Tab`, ` `. */
  press(key: "Enter" | "Tab" | " "): Promise<void>;
  /** PNG of the whole page, or of what is in view. */
  screenshot(options?: { wholePage?: boolean }): Promise<Buffer>;
}

export interface OpenOptions {
  width?: number;
  height?: number;
  scheme?: "light" | "dark";
}

/** A headless Chromium of the test's own: it ends, and its profile goes, with the test. */
export interface Browser {
  /** Opens an address in a page of its own; resolves when it has loaded. */
  open(url: string, options?: OpenOptions): Promise<OpenPage>;
}

/** Starts Chromium, or skips (with TAPELOOP_REQUIRE_ALL=1: fails) the test where there is none. */
export async function startBrowser(t: TestContext): Promise<Browser | undefined> {
  const browser = launchBrowser();
  if (!needs(t, "Chromium", browser !== undefined, "install chromium, or name it in TAPELOOP_CHROMIUM"))
    return undefined;
  t.after(() => browser!.close());
  return browser;
}

/** Starts Chromium; undefined where there is none. `close` ends it and all its processes, and takes its profile away. */
export function launchBrowser(): (Browser & { close(): Promise<void> }) | undefined {
  const path = findChromium();
  if (path === undefined) return undefined;
  const profile = mkdtempSync(join(tmpdir(), "tapeloop-chromium-"));
  const child = spawn(path, [...flags, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    // A group of its own: Chromium is many processes, and all of them have to go.
    detached: true,
  });
  const connection = connect(child);
  return {
    open: (url, options = {}) => openPage(connection, url, options),
    async close() {
      await ended(child, connection);
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** Chromium from TAPELOOP_CHROMIUM, else from the PATH. */
function findChromium(): string | undefined {
  const named = process.env.TAPELOOP_CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = named ? [named] : names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Asks the browser to close, so that it is done with its profile; one that does not is killed with all its processes. */
async function ended(child: ChildProcess, connection: Connection): Promise<void> {
  if (child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
  connection.send("Browser.close").catch(() => undefined);
  const impatient = setTimeout(() => killGroup(child.pid!), 5000);
  await exited;
  clearTimeout(impatient);
  killGroup(child.pid);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // None of the group is left.
  }
}

type Params = Record<string, unknown>;
interface Incoming {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: Params;
  result?: Params;
  error?: { message: string };
}

/** The DevTools protocol over the browser's pipe: JSON messages, a NUL after each. */
interface Connection {
  send(method: string, params?: Params, sessionId?: string): Promise<Params>;
  onEvent(listener: (event: Incoming) => void): void;
}

function connect(child: ChildProcess): Connection {
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, { resolve(result: Params): void; reject(reason: Error): void }>();
  const listeners: ((event: Incoming) => void)[] = [];
  const take = (message: Incoming) => {
    const asked = message.id === undefined ? undefined : waiting.get(message.id);
    if (message.id !== undefined) waiting.delete(message.id);
    if (asked === undefined) for (const listener of listeners) listener(message);
    else if (message.error) asked.reject(new Error(message.error.message));
    else asked.resolve(message.result ?? {});
  };
  readMessages(output, take);
  const fail = () => {
    for (const { reject } of waiting.values()) reject(new Error("Chromium has ended"));
    waiting.clear();
  };
  child.once("exit", fail);
  child.once("error", fail);
  input.on("error", fail);
  let lastId = 0;
  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        input.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
      }),
    onEvent: (listener) => listeners.push(listener),
  };
}

function readMessages(output: Readable, take: (message: Incoming) => void): void {
  let pieces: Buffer[] = [];
  output.on("data", (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, from)) {
      take(JSON.parse(Buffer.concat([...pieces, chunk.subarray(from, end)]).toString("utf8")) as Incoming);
      pieces = [];
      from = end + 1;
    }
    pieces.push(chunk.subarray(from));
  });
}

async function openPage(connection: Connection, url: string, options: OpenOptions): Promise<OpenPage> {
  const { targetId } = await connection.send("Target.createTarget", { url: "about:blank" });
  const attached = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  const sessionId = attached.sessionId as string;
  const send = (method: string, params?: Params) => connection.send(method, params, sessionId);
  const [complaints, requests]: [string[], string[]] = [[], []];
  const loaded = new Promise<void>((resolve) => {
    connection.onEvent((event) => {
      if (event.sessionId !== sessionId) return;
      note(event, complaints, requests);
      if (event.method === "Page.loadEventFired") resolve();
    });
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  const { width = 1280, height = 900, scheme = "light" } = options;
  await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  await send("Page.navigate", { url });
  await loaded;
  return {
    complaints,
    requests,
    evaluate: <T>(expression: string) => evaluate<T>(send, expression),
    press: (key) => press(send, key),
    screenshot: ({ wholePage = true } = {}) => screenshot(send, wholePage),
  };
}

function note({ method, params = {} }: Incoming, complaints: string[], requests: string[]): void {
  if (method === "Network.requestWillBeSent") {
    const asked = (params.request as { url: string }).url;
    if (!asked.startsWith("data:")) requests.push(asked);
  }
  if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") complaints.push(JSON.stringify(params));
  if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type as string)) {
    complaints.push(JSON.stringify(params));
  }
}

type Send = (method: string, params?: Params) => Promise<Params>;

async function evaluate<T>(send: Send, expression: string): Promise<T> {
  const answer = await send("Runtime.evaluate", {
    expression,
    awaitPromise: true,
    returnByValue: true,
    userGesture: true,
  });
  if (answer.exceptionDetails) throw new Error(`in the page: ${JSON.stringify(answer.exceptionDetails)}`);
  return (answer.result as { value: T }).value;
}

async function press(send: Send, key: "Enter" | "Tab" | " "): Promise<void> {
  const [code, keyCode, text] = { Enter: ["Enter", 13, "\r"], Tab: ["Tab", 9, undefined], " ": ["Space", 32, " "] }[
    key
  ];
  const about = { key, code, windowsVirtualKeyCode: keyCode };
  await send("Input.dispatchKeyEvent", { type: "keyDown", ...about, ...(text !== undefined && { text }) });
  await send("Input.dispatchKeyEvent", { type: "keyUp", ...about });
}

async function screenshot(send: Send, wholePage: boolean): Promise<Buffer> {
  const { data } = await send("Page.captureScreenshot", { format: "png", captureBeyondViewport: wholePage });
  return Buffer.from(data as string, "base64");
}
