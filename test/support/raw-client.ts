import net from "node:net";
import type { TestContext } from "node:test";
import { until } from "./until.js";

/** A TCP connection that speaks in bytes (latin1). */
export class RawClient {
  /** All that came so far. */
  received = "";
  isClosed = false;
  readonly socket: net.Socket;

  constructor(t: TestContext, port: number) {
    this.socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => {
      this.received += text;
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.isClosed = true;
    });
    t.after(() => this.socket.destroy());
  }

  send(bytes: string | Uint8Array): this {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    return this;
  }

  /** Waits until the system has taken all that was sent. */
  async untilSent(): Promise<void> {
    await new Promise<void>((sent) => this.socket.write("", () => sent()));
  }

  /** One packet a byte, each on its way before the next. */
  async sendByteByByte(bytes: string): Promise<void> {
    for (const byte of Buffer.from(bytes, "latin1")) {
      await new Promise<void>((sent) => this.socket.write(Uint8Array.of(byte), () => setImmediate(sent)));
    }
  }

  /** Waits until the text has come. */
  async until(text: string): Promise<string> {
    await until(JSON.stringify(text), () => this.received.includes(text), { seen: () => this.received });
    return this.received;
  }

  /** Waits until the other side has closed; gives all that came. */
  async untilClosed(): Promise<string> {
    await until("the connection to close", () => this.isClosed, { seen: () => this.received });
    return this.received;
  }

  /** Goes away without a word. */
  abort(): void {
    this.socket.destroy();
  }
}
