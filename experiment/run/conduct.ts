import { type MonotonicMs, OperatorError, parseDuration, reasonOf } from "../../base/index.js";
import { type ObservedStep, type ReplayEnv, type ReplayOptions, replay } from "../../replayer/index.js";
import type { RunSummary } from "../../tape/index.js";
import { parseDurationMs } from "../../virtual-service/index.js";
import { Course } from "../course/course.js";
import type { Standing as CourseStanding } from "../course/states.js";
import { type FaultSwitch, isPutBack, type PutBackProof } from "../faults/switch.js";
import { type Fired, firedOf, whyUnproven } from "../fired/proof.js";
import { FiredTally } from "../fired/tally.js";
import type { PreparedExperiment } from "../prepare/prepare.js";
import type { Standing } from "../threshold/reading.js";
import { Watch } from "../watch/watch.js";
import { standingInWords, type Watched, watchedOf } from "../watch/watched.js";
import type { WebhookState } from "../watch/webhook.js";
import { notWell } from "./steady.js";

/** What an experiment stands on. Nothing here is closed by it. */
export interface ExperimentEnv
  extends Pick<ReplayEnv, "clock" | "tape" | "tapePaths" | "runId" | "run" | "version">,
    Partial<Pick<ReplayEnv, "key" | "openHops" | "onProgress">> {
  faults: FaultSwitch;
  /** Ends it early: all is put back, and the report says so. */
  signal: AbortSignal;
  /** Of each new state. */
  onState?: (standing: CourseStanding) => void;
}

/** Thrown inside the replay before its first Step when an experiment is not to begin. */
class NotBegun extends Error {}

/** An experiment under way: what it watches, and what ends it. */
export class Conduct {
  readonly course: Course;
  readonly thresholds: readonly Watched[];
  proofs: readonly PutBackProof[] = [];
  fired: readonly Fired[] = [];
  /** The replay was ended because its time was over. */
  wasCut = false;
  readonly #prepared: PreparedExperiment;
  readonly #env: ExperimentEnv;
  readonly #watch: Watch;
  readonly #tally: FiredTally;
  /** Ends the replay. */
  readonly #stop = new AbortController();
  /** Ends the watching. */
  readonly #over = new AbortController();
  #watching: Promise<void> = Promise.resolve();
  #faultsAreOn = false;
  #faultsWereOn = false;

  constructor(prepared: PreparedExperiment, env: ExperimentEnv) {
    this.#prepared = prepared;
    this.#env = env;
    const { spec } = prepared.experiment;
    this.course = new Course(env.clock, env.onState);
    this.thresholds = spec.thresholds.map((one) => watchedOf(one, prepared.lanes));
    const delays = prepared.faults.map(({ name, spec }) => [name, parseDurationMs(String(spec.delay))] as const);
    this.#tally = new FiredTally(prepared.lanes.pairs, new Map(delays));
    this.#watch = new Watch({
      ...{ clock: env.clock, thresholds: this.thresholds, prometheus: spec.prometheus, everyMs: msOf(spec.every) },
      originMs: this.course.startMs,
      stateNow: () => this.#webhookState(),
      onStanding: (threshold, standing) => this.#stands(threshold, standing),
    });
    const interrupted = () => this.#end({ kind: "cannot-know", why: "interrupted" });
    if (env.signal.aborted) interrupted();
    else env.signal.addEventListener("abort", interrupted, { once: true });
  }

  /** From the look before to the last Step; undefined when it did not begin. */
  async replay(): Promise<RunSummary | undefined> {
    const { clock, tape, tapePaths, runId, run, version, key, openHops, onProgress } = this.#env;
    const more = { ...(key && { key }), ...(openHops && { openHops }), ...(onProgress && { onProgress }) };
    try {
      return await replay(this.#options(), {
        ...{ clock, tape, tapePaths, runId, run, version, ...more },
        onPreflight: () => this.#begin(),
        onStep: (step: ObservedStep) => {
          this.#tally.add(step);
          this.#watch.step(step);
        },
        signal: this.#stop.signal,
      });
    } catch (thrown) {
      if (thrown instanceof NotBegun) return undefined;
      throw thrown;
    } finally {
      await this.#lastLook();
    }
  }

  /**
   * What tells that each fault fired; gives why it cannot be said of some. The mesh is asked while faults are on, and only
   * where nothing has ended the run: whatever has, is not kept waiting.
   */
  async lookAtFaults(run: RunSummary | undefined): Promise<string[]> {
    const { faults } = this.#env;
    const isOpen = () => this.course.standing.state === "Running";
    const injected = isOpen() ? await faults.injected() : new Map<string, number>();
    this.fired = this.#prepared.faults.map(({ name }) =>
      firedOf(name, this.#tally.of(name), { injected: injected.get(name), run }),
    );
    const unproven = this.fired.filter(({ isProven }) => !isProven);
    const obstacles = isOpen() && unproven.some(({ steps }) => steps > 0) ? await faults.obstacles() : [];
    return unproven.map((one) => whyUnproven(one, obstacles));
  }

  /** Puts everything back after a trouble; gives what is to be thrown, which says what could not be. */
  async endedBy(trouble: unknown): Promise<unknown> {
    this.proofs = await this.#faultsOff();
    const left = this.#leftBehind();
    if (left === undefined) return trouble;
    const said = trouble instanceof OperatorError ? { exitCode: trouble.exitCode } : {};
    return new OperatorError(`${reasonOf(trouble)}; then ${left}`, { cause: trouble, ...said });
  }

  /** Puts everything back, and says so where it could not be or was not there any more. Safe to call twice. */
  async putBack(): Promise<void> {
    this.proofs = await this.#faultsOff();
    const left = this.#leftBehind();
    if (left !== undefined) this.course.turn({ kind: "cannot-know", why: left });
    const missed = this.#faultsWereOn ? this.proofs.find(({ wasInPlace }) => wasInPlace === false) : undefined;
    if (missed !== undefined) {
      const why = `fault ${missed.fault} was taken out of ${missed.object}, or changed there, by somebody else before the end`;
      this.course.turn({ kind: "cannot-know", why });
    }
  }

  #leftBehind(): string | undefined {
    const left = this.proofs.find((proof) => !isPutBack(proof));
    const { mesh } = this.#prepared.experiment.spec;
    if (left === undefined) return undefined;
    return `${left.object} could not be put back (${left.why}): put it back with: tapeloop restore -n ${mesh?.namespace}`;
  }

  #options(): ReplayOptions {
    const { options, inTurn } = this.#prepared;
    return inTurn ? { ...options, sequence: { reset: (next) => this.#nextLane(next) } } : options;
  }

  /** All is planned, nothing was sent: looks whether all is well, and turns the faults on. */
  async #begin(): Promise<void> {
    const { course } = this;
    const { experiment, lanes, inTurn } = this.#prepared;
    this.#goOn();
    course.turn({ kind: "planned" });
    const unwell = await notWell(this.#watch, this.#env.clock, {
      forMs: msOf(experiment.spec.steady),
      everyMs: msOf(experiment.spec.every),
      signal: this.#stop.signal,
    });
    this.#goOn();
    if (unwell !== undefined) {
      course.turn({ kind: "cannot-know", why: `before anything was changed: ${unwell}` });
      throw new NotBegun();
    }
    course.turn({ kind: "was-steady" });
    const first = inTurn ? lanes.all.slice(0, 1) : lanes.all;
    if (lanes.faulted.some((lane) => first.includes(lane))) await this.#faultsOn();
    this.#watch.begin(first);
    course.note("sending", first.length === 1 ? `requests to ${first[0]}` : `requests to ${first.length} lanes`);
    this.#watching = this.#watch.until(this.#over.signal);
    if (experiment.spec.duration !== undefined) void this.#cutAfter(msOf(experiment.spec.duration));
  }

  /** Lanes in turn: the faults come on before the first that is to meet them. */
  async #nextLane(next: string): Promise<void> {
    if (!this.#faultsAreOn && this.#prepared.lanes.faulted.includes(next)) await this.#faultsOn();
    this.#watch.begin([next]);
    this.course.note("sending", `requests to ${next}`);
  }

  async #faultsOn(): Promise<void> {
    const { faults, clock } = this.#env;
    const { experiment } = this.#prepared;
    await faults.on({
      turnedOn: (what) => {
        this.#faultsAreOn = true;
        this.#faultsWereOn = true;
        this.course.note("fault-on", what);
      },
      lost: (why) => this.#end({ kind: "cannot-know", why }),
    });
    this.#goOn();
    if (this.#faultsAreOn) await clock.sleepUntil(clock.now() + msOf(experiment.spec.settle), this.#stop.signal);
    this.#goOn();
  }

  #faultsOff(): Promise<readonly PutBackProof[]> {
    const wasOn = this.#faultsAreOn;
    this.#faultsAreOn = false;
    return this.#env.faults.off().then((proofs) => {
      if (wasOn)
        for (const { object, outcome, why } of proofs) this.course.note("fault-off", `${object}: ${why ?? outcome}`);
      return proofs;
    });
  }

  async #cutAfter(ms: MonotonicMs): Promise<void> {
    const { clock } = this.#env;
    await clock.sleepUntil(clock.now() + ms, this.#over.signal);
    if (this.#over.signal.aborted || this.#stop.signal.aborted) return;
    this.wasCut = true;
    this.#stop.abort();
  }

  /** When nothing more is sent and nobody has ended it: what was asked last is from after the last request. */
  async #lastLook(): Promise<void> {
    if (this.course.states.some(({ state }) => state === "Running")) this.course.note("sent", "nothing more is sent");
    if (this.course.standing.state === "Running") await this.#watch.askLast(this.#env.signal);
    this.#over.abort();
    await this.#watching;
  }

  #stands(threshold: Watched, standing: Standing): void {
    const why = `${threshold.spec.name}: ${standingInWords(threshold, standing)}`;
    this.course.note(standing.kind === "tripped" ? "tripped" : "unknown", why);
    if (standing.kind === "unknown") this.#end({ kind: "cannot-know", why });
    else if (threshold.spec.onTrip !== "fail") this.#end({ kind: "tripped", why });
  }

  /** Faults off at once, and nothing more is sent. */
  #end(turn: Parameters<Course["turn"]>[0]): void {
    this.course.turn(turn);
    void this.#faultsOff();
    this.#stop.abort();
    this.#over.abort();
  }

  #goOn(): void {
    if (this.#stop.signal.aborted) throw new NotBegun();
  }

  #webhookState(): WebhookState {
    const thresholds = this.thresholds.map(({ spec, tracker }) => {
      const value = tracker.history.at(-1)?.value;
      return { name: spec.name, standing: tracker.standing.kind, ...(value === undefined ? {} : { value }) };
    });
    const { experiment } = this.#prepared;
    const { standing, nowMs } = this.course;
    return {
      experiment: experiment.metadata.name,
      run: this.#env.runId,
      state: standing.state,
      elapsedMs: nowMs,
      thresholds,
    };
  }
}

function msOf(text: string): number {
  return parseDuration(text)!;
}
