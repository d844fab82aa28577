/** `up` in the foreground: what the containers write is shown until they have ended, or somebody wants them to. */
import { EngineError } from "../../errors.ts";
import type { Cast } from "./converge.ts";
import { inOrder } from "./graph.ts";
import { type Line, LogCursor } from "./log-cursor.ts";
import { type LogLook, Prefixes, shortName } from "./log-lines.ts";
import { isUp, observeContainers, type Seen } from "./observe.ts";
import { runProvider } from "./provider.ts";
import { stopContainer, stopOrTell } from "./remove.ts";
import { type Scene, turnOf } from "./scene.ts";
import { prepare, startAll, type UpWishes } from "./up.ts";

/** What is shown of a container. */
interface Output {
  cursor: LogCursor;
  /** Ends the following of its present run. */
  over: AbortController;
  /** Resolves when all so far is shown, and its end told. */
  shown: Promise<void>;
}

export interface StayWishes {
  wishes: UpWishes;
  /** Services whose output is shown. */
  shown: readonly string[];
  look: LogLook;
  /** When the others are stopped. */
  abort: "never" | "exit" | "failure";
  exitCodeFrom?: string;
  /** Follows files until the signal; `during` is called with what ends and begins containers. */
  watch?: (signal: AbortSignal, during: (work: () => Promise<void>) => Promise<void>) => Promise<void>;
  /** From the start, or when its key is pressed. */
  watchesAtOnce?: boolean;
  /** Keys of a terminal; see Terminal. */
  onKey?: (listener: (key: string) => void) => () => void;
  /** Signals of the face; see AttachOptions. */
  onSignal?: (listener: (signal: string) => void) => () => void;
}

/** @returns the exit status: of the first that ended, where that stops all, or of the service that was named; else 0 */
export async function stay(scene: Scene, wishes: StayWishes): Promise<number> {
  return new Stay(scene, wishes).run();
}

class Stay {
  readonly #scene: Scene;
  readonly #wishes: StayWishes;
  readonly #prefixes: Prefixes;
  readonly #outputs = new Map<string, Output>();
  /** Milliseconds since the epoch: what was written before belongs to earlier runs. */
  readonly #begun = Date.now();
  /** The same in nanoseconds. */
  readonly #since = BigInt(this.#begun) * 1_000_000n;
  readonly #running = new Set<string>();
  /** Those that it is about, by id. */
  readonly #known = new Map<string, Seen>();
  /** Resolves when all have ended, or shall. */
  readonly #over = Promise.withResolvers<void>();
  /** Those between two runs of their restart policy. */
  readonly #between = new Set<string>();
  #onEnd: (() => void) | undefined;
  #status = 0;
  #isDecided = false;
  #isStopping = false;
  #hasStarted = false;
  /** Works that end and begin containers: until they are through, none that runs is no end. */
  #works = 0;
  #watching: { abort: AbortController; done: Promise<void> } | undefined;
  #leaves = false;

  constructor(scene: Scene, wishes: StayWishes) {
    this.#scene = { ...scene, hookLine: (seen, line) => this.#showHook(seen, line) };
    this.#wishes = wishes;
    this.#prefixes = new Prefixes(wishes.look);
  }

  async run(): Promise<number> {
    const { project, signal } = this.#scene;
    const names = Object.keys(project.model.services);
    const watching = new AbortController();
    const starting = new AbortController();
    const unsubscribe = this.#wishes.onSignal?.(() => this.#interrupted(starting));
    let noKeys: (() => void) | undefined;
    let seeing: Promise<void> | undefined;
    // Called off by the face: as an interrupt, since the containers are this command's.
    const onAbort = () => this.#interrupted(starting);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      let cast: Cast;
      {
        using _turn = await turnOf(this.#scene);
        const inner = { ...this.#scene, signal: AbortSignal.any([signal, starting.signal]) };
        cast = await prepare(inner, this.#wishes.wishes);
        if (this.#scene.dryRun) {
          this.#say("end of 'compose up' output, interactive run is not supported in dry-run mode");
          return 0;
        }
        const shown = names.filter((name) => this.#wishes.shown.includes(name)).flatMap((name) => cast.of(name));
        for (const { name } of shown) this.#prefixes.add(shortName(project, name));
        this.#say(`Attaching to ${shown.map(({ name }) => shortName(project, name)).join(", ")}`);
        for (const seen of names.flatMap((name) => cast.of(name))) this.#known.set(seen.id, seen);
        for (const seen of this.#known.values()) if (isUp(seen)) this.#started(seen); // what it writes from now on
        seeing = this.#watch(watching.signal).catch((error: unknown) => this.#over.reject(error));
        await startAll(silent(inner), cast, names, {
          wait: false,
          beforeStart: async (seen) => void (isUp(seen) || this.#runs(seen)),
        });
        this.#hasStarted = true;
        this.#settle();
      }
      noKeys = this.#wishes.onKey?.((key) => this.#pressed(key, starting));
      if (this.#wishes.watchesAtOnce) this.#toggleWatch();
      if (noKeys) this.#say(this.#menu());
      await this.#over.promise;
      await this.#endWatch();
      if (!this.#leaves) {
        await this.#stopAll();
        await Promise.race([this.#allTold(), seeing]);
      }
      return this.#status;
    } catch (error) {
      await this.#endWatch();
      if (this.#isStopping) {
        await this.#stopAll();
        return 130;
      }
      throw error;
    } finally {
      noKeys?.();
      if (!this.#leaves) await Promise.allSettled([...this.#outputs.values()].map(({ shown }) => shown));
      watching.abort();
      signal.removeEventListener("abort", onAbort);
      unsubscribe?.();
    }
  }

  /** The first asks them to stop; the second kills. */
  #interrupted(starting: AbortController): void {
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.#status = 130;
      this.#isDecided = true;
      this.#say("Gracefully Stopping... press Ctrl+C again to force");
      starting.abort();
      this.#over.resolve();
      return;
    }
    void this.#killAll();
  }

  #menu(): string {
    return `Press d to detach${this.#wishes.watch ? ", w to follow changes of files" : ""}, Ctrl-C to stop`;
  }

  #pressed(key: string, starting: AbortController): void {
    if (key === "\x03") this.#interrupted(starting);
    if (key === "w" && this.#wishes.watch) this.#toggleWatch();
    if (key !== "d" || this.#isStopping) return;
    this.#leaves = true;
    this.#over.resolve();
  }

  #toggleWatch(): void {
    if (this.#watching) return void this.#endWatch().then(() => this.#say("Watch disabled"));
    const abort = new AbortController();
    const done = this.#wishes.watch!(abort.signal, (work) => this.#during(work)).catch((error: unknown) => {
      if (!abort.signal.aborted) this.#over.reject(error);
    });
    this.#watching = { abort, done };
  }

  async #endWatch(): Promise<void> {
    const watching = this.#watching;
    this.#watching = undefined;
    watching?.abort.abort();
    await watching?.done;
  }

  async #during(work: () => Promise<void>): Promise<void> {
    this.#works++;
    try {
      await work();
    } finally {
      await this.#takeIn();
      this.#works--;
      this.#settle();
    }
  }

  /** Those that the line names, if it names some: what they depend on runs on when they have ended, or are stopped. */
  #isOurs(service: string): boolean {
    const { exitCodeFrom, wishes } = this.#wishes;
    return wishes.named.length === 0 || wishes.named.includes(service) || service === exitCodeFrom;
  }

  #runs({ id, service }: Seen): void {
    if (this.#isOurs(service)) this.#running.add(id);
  }

  #say(text: string): void {
    this.#scene.report({ type: "output", stream: "stdout", data: Buffer.from(`${text}\n`) });
  }

  #showHook({ name }: Pick<Seen, "name">, data: Uint8Array): void {
    const { project, report } = this.#scene;
    const line = this.#prefixes.line(`${shortName(project, name)} ->`, { time: new Date().toISOString(), data });
    report({ type: "output", stream: "stdout", data: line });
  }

  /** Follows each that starts, and takes note of each that ends. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { engine, project } = this.#scene;
    const filters = { type: ["container"], label: [`com.docker.compose.project=${project.model.name}`] };
    for await (const { Action, Actor } of engine.events({ follow: true, since: this.#begun / 1000, filters, signal })) {
      if (Action === "start" && !this.#known.has(Actor.ID) && this.#works > 0) await this.#takeIn();
      const seen = this.#known.get(Actor.ID);
      if (!seen) continue;
      if (Action === "start") this.#started(seen);
      if (Action === "die")
        void this.#ended(seen, Number(Actor.Attributes["exitCode"] ?? 0)).catch((error: unknown) => this.#over.reject(error));
    }
  }

  /** Those that were made anew while files are followed. */
  async #takeIn(): Promise<void> {
    const { engine, project } = this.#scene;
    const all = await observeContainers(engine, project.model.name);
    for (const seen of all.filter(({ oneOff, service }) => !oneOff && project.model.services[service])) {
      this.#known.set(seen.id, seen);
      if (isUp(seen)) this.#runs(seen);
    }
  }

  #started(seen: Seen): void {
    this.#between.delete(seen.id);
    this.#runs(seen);
    if (!this.#wishes.shown.includes(seen.service)) return;
    const { cursor, shown } = this.#outputs.get(seen.id) ?? { cursor: new LogCursor(this.#scene, seen), shown: Promise.resolve() };
    const over = new AbortController();
    const run = shown.then(() => this.#show(cursor.lines({ follow: true, since: this.#since, signal: over.signal })));
    this.#outputs.set(seen.id, { cursor, over, shown: run.catch(() => {}) }); // removed meanwhile: nothing more comes
  }

  async #show(lines: AsyncIterable<Line> | Iterable<Line>): Promise<void> {
    const { report, room } = this.#scene;
    for await (const { name, stream, ...line } of lines) {
      report({ type: "output", stream, data: this.#prefixes.line(name, line) });
      await room?.();
    }
  }

  /** What it wrote stands before the word of its end, and what its next run writes behind it. */
  #ended(seen: Seen, exitCode: number): Promise<void> {
    const output = this.#outputs.get(seen.id);
    output?.over.abort();
    const told = (output?.shown ?? Promise.resolve()).then(() => this.#tellEnd(seen, exitCode, output?.cursor));
    if (output) output.shown = told.catch(() => {});
    return told;
  }

  async #tellEnd(seen: Seen, exitCode: number, cursor: LogCursor | undefined): Promise<void> {
    if (cursor) {
      await this.#show(cursor.lines({ since: this.#since }));
      await this.#show(cursor.rest());
    }
    const { Status } = (await this.#scene.engine.containers.inspect(seen.id).catch(() => undefined))?.State ?? { Status: "exited" };
    const comesBack = Status === "restarting" || Status === "running"; // by its policy
    if (this.#wishes.shown.includes(seen.service))
      this.#say(`${shortName(this.#scene.project, seen.name)} exited with code ${exitCode}${comesBack ? " (restarting)" : ""}`);
    if (comesBack) this.#between.add(seen.id);
    else {
      this.#running.delete(seen.id);
      this.#decide(seen, exitCode);
      this.#settle();
    }
    this.#onEnd?.();
  }

  /** Of what is stopped, the end is told. */
  async #allTold(): Promise<void> {
    while ([...this.#running].some((id) => !this.#between.has(id))) await new Promise<void>((resolve) => (this.#onEnd = resolve));
  }

  #decide({ service }: Seen, exitCode: number): void {
    const { abort, exitCodeFrom } = this.#wishes;
    if (this.#works > 0 || !this.#isOurs(service)) return;
    if (exitCodeFrom === service && !this.#isStopping) this.#status = exitCode;
    if (this.#isDecided || !(abort === "exit" || (abort === "failure" && exitCode !== 0))) return;
    this.#isDecided = true;
    if (exitCodeFrom === undefined) this.#status = exitCode;
    this.#scene.report({ type: "message", text: "Aborting on container exit..." });
    this.#over.resolve();
  }

  #settle(): void {
    if (this.#hasStarted && this.#works === 0 && this.#running.size === 0) this.#over.resolve();
  }

  async #stopAll(): Promise<void> {
    const { project, engine } = this.#scene;
    const scene = amongLines({ ...this.#scene, signal: new AbortController().signal });
    const all = (await observeContainers(engine, project.model.name)).filter(({ oneOff }) => !oneOff);
    const names = Object.keys(project.model.services).filter((name) => this.#isOurs(name));
    const stop = this.#isDecided ? stopOrTell : stopContainer; // where all ended by themselves there is nothing to say
    await inOrder(
      project,
      names,
      async (name) => {
        if (project.model.services[name]!.provider) await runProvider(scene, name, "stop");
        await Promise.all(
          all.filter(({ service }) => service === name).map((seen) => this.#stopped(stop(scene, seen, this.#wishes.wishes.timeout))),
        );
      },
      { reversed: true },
    );
  }

  /** Killed or removed meanwhile is stopped, too. */
  async #stopped(stop: Promise<void>): Promise<void> {
    await stop.catch((error: unknown) => {
      if (!(error instanceof EngineError) || !["not-found", "not-running"].includes(error.code)) throw error;
    });
  }

  async #killAll(): Promise<void> {
    const { engine } = this.#scene;
    await Promise.allSettled([...this.#running].map((id) => engine.containers.kill(id)));
  }
}

/** While lines are shown, that a container starts is seen by them; what fails is said. */
function silent(scene: Scene): Scene {
  return { ...scene, report: (event) => (event.type === "resource" && event.state !== "error" ? undefined : scene.report(event)) };
}

function amongLines(scene: Scene): Scene {
  return { ...scene, report: (event) => scene.report(event.type === "resource" ? { ...event, amongLines: true } : event) };
}
