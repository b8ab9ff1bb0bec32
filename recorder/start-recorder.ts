import { type Admin, openAdmin } from "./admin/admin.js";
import type { Vitals } from "./admin/metrics.js";
import { SegmentPages } from "./admin/segment-pages.js";
import { Budget } from "./capture/budget.js";
import { Capture } from "./capture/capture.js";
import { Counts } from "./capture/counts.js";
import { WriteBehind } from "./capture/write-behind.js";
import type { DoorName } from "./doors/door.js";
import { Doors } from "./doors/doors.js";
import { planDoors } from "./doors/plan-doors.js";
import { keeperOf } from "./keep/keeper.js";
import type { ListenTls } from "./listen/secure.js";
import { type RecorderEnv, type RecorderOptions, type RecorderSettings, recorderSettings } from "./options.js";

/** A recorder at work. */
export interface RunningRecorder {
  /** `HOST:PORT` with the real port: of the first door. */
  listen: string;
  /** Where each door listens, the first among them as `listen`. */
  doors: Readonly<Partial<Record<DoorName, string>>>;
  admin?: string;
  /** Certificate and key of `listen` for connections to come. Throws when OpenSSL refuses them; the old ones stay. */
  renewTls(tls: ListenTls): void;
  /**
   * For `drainDelayMs` it is not ready, and takes what comes all the same; then it takes no new calls, finishes those in
   * flight (up to `drainMs`), stores all (up to as long again, 5 s at least) and closes the writer. Safe to call twice.
   */
  stop(): Promise<void>;
}

const secondMs = 1000;
/** What is queued is stored though calls in flight are not waited for. */
const leastStoringMs = 5000;

/**
 * A call travels listen → mode → capture → write-behind → tape store. Rejects with an OperatorError when an option is
 * wrong or a port cannot be had, the writer left to its owner; an upstream that is not there is no error, its calls
 * fail as the service would.
 */
export async function startRecorder(options: RecorderOptions, env: RecorderEnv): Promise<RunningRecorder> {
  const settings = recorderSettings(options);
  const budget = new Budget(settings.queueBytes);
  const counts = new Counts();
  const keeper = keeperOf(settings.keep, env);
  const writeBehind = new WriteBehind({ ...env, budget, counts, keeper, flushMs: settings.flushMs });
  const capture = new Capture({ ...env, ...settings, budget, counts, keeper, writeBehind });
  const doors = new Doors(planDoors(settings));
  const admin =
    settings.admin === undefined ? undefined : await openAdmin(settings.admin, vitals, segmentPages(settings, env));
  await doors.open({ ...env, capture, counts }).catch((refusal) => closeThenThrow(admin, refusal));
  const beat = setInterval(() => {
    capture.storeLongCalls();
    void writeBehind.tell();
  }, secondMs);

  function vitals(): Vitals {
    return {
      counts: counts.total,
      openCalls: capture.openCalls,
      undecidedCalls: capture.undecidedCalls + writeBehind.pendingCalls,
      openConnections: doors.openConnections,
      queueBytes: budget.usedBytes,
      queueLimitBytes: budget.limitBytes,
      flushSeconds: writeBehind.flushSeconds,
      isDraining: doors.isDraining,
      isStoreFailing: writeBehind.isFailing,
      carriesCalls: settings.upstream !== undefined || settings.mode === "outbound" || settings.outbound !== undefined,
    };
  }

  async function drain(): Promise<void> {
    doors.windDown();
    if (settings.drainDelayMs > 0) await env.clock.sleepUntil(env.clock.now() + settings.drainDelayMs);
    await doors.drain(settings.drainMs, () => capture.cutOff());
    clearInterval(beat);
    await doors.close();
    try {
      await writeBehind.close(Math.max(settings.drainMs, leastStoringMs));
    } finally {
      await admin?.close();
    }
  }

  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= drain());
  const running = {
    listen: doors.addresses.listen!,
    doors: doors.addresses,
    renewTls: (tls: ListenTls) => doors.renewTls(tls),
    stop,
  };
  return admin === undefined ? running : { ...running, admin: admin.listen };
}

function segmentPages({ pull }: RecorderSettings, { writer }: RecorderEnv): SegmentPages | undefined {
  return pull && new SegmentPages(pull, () => writer.roll());
}

async function closeThenThrow(admin: Admin | undefined, refusal: unknown): Promise<never> {
  await admin?.close();
  throw refusal;
}
