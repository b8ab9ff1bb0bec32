import { type Admin, openAdmin } from "./admin/admin.js";
import type { Vitals } from "./admin/metrics.js";
import { Budget } from "./capture/budget.js";
import { Capture } from "./capture/capture.js";
import { Counts } from "./capture/counts.js";
import { WriteBehind } from "./capture/write-behind.js";
import { inboundMode } from "./inbound/inbound.js";
import { Port } from "./listen/port.js";
import { mirrorMode } from "./mirror/mirror.js";
import type { Mode } from "./mode.js";
import { type RecorderEnv, type RecorderOptions, type RecorderSettings, recorderSettings } from "./options.js";

/** A recorder at work. */
export interface RunningRecorder {
  /** `HOST:PORT` with the real port. */
  listen: string;
  admin?: string;
  /** Takes no new calls, finishes those in flight (up to `drainMs`), stores all and closes the writer. Safe to call twice. */
  stop(): Promise<void>;
}

const secondMs = 1000;

/**
 * A call travels listen → mode → capture → write-behind → tape store. Rejects with an OperatorError when an option is
 * wrong or a port cannot be had, the writer left to its owner; an upstream that is not there is no error, its calls
 * fail as the service would.
 */
export async function startRecorder(options: RecorderOptions, env: RecorderEnv): Promise<RunningRecorder> {
  const settings = recorderSettings(options);
  const budget = new Budget(settings.queueBytes);
  const counts = new Counts();
  const writeBehind = new WriteBehind({ ...env, budget, counts, flushMs: settings.flushMs });
  const capture = new Capture({ ...env, ...settings, vantage: settings.mode, budget, counts, writeBehind });
  const mode = modeOf(settings, env);
  const port = new Port({ ...env, mode, capture, counts, sniffMs: settings.sniffMs });
  const admin = settings.admin === undefined ? undefined : await openAdmin(settings.admin, vitals);
  const listen = await port.listen(settings.listen).catch((refusal) => closeThenThrow(admin, refusal));
  const beat = setInterval(() => {
    capture.storeLongCalls();
    void writeBehind.tell();
  }, secondMs);

  function vitals(): Vitals {
    return {
      counts: counts.total,
      openCalls: capture.openCalls,
      openConnections: port.openConnections,
      queueBytes: budget.usedBytes,
      queueLimitBytes: budget.limitBytes,
      flushSeconds: writeBehind.flushSeconds,
      isDraining: port.isDraining,
      isStoreFailing: writeBehind.isFailing,
    };
  }

  async function drain(): Promise<void> {
    await port.drain(settings.drainMs, () => capture.cutOff());
    clearInterval(beat);
    await mode.close();
    await writeBehind.close(settings.drainMs);
    await admin?.close();
  }

  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= drain());
  return admin === undefined ? { listen, stop } : { listen, admin: admin.listen, stop };
}

function modeOf(settings: RecorderSettings, { clock }: RecorderEnv): Mode {
  return settings.upstream === undefined ? mirrorMode(clock) : inboundMode(settings.upstream, clock);
}

async function closeThenThrow(admin: Admin | undefined, refusal: unknown): Promise<never> {
  await admin?.close();
  throw refusal;
}
