/** Further processes of containers. */
import type { ExecConfig, ExecInspect, ExecStart, Execs, SessionEnd, Streams } from "../../container/index.ts";
import { EngineError } from "../../errors.ts";
import { failure } from "../link/failure.ts";
import { type Link, segment } from "../link/link.ts";
import { converse, giver } from "./converse.ts";
import type { Kind } from "./demux.ts";

const inspected = {
  ID: "",
  ContainerID: "",
  Running: false,
  Pid: 0,
  OpenStdin: false,
  OpenStdout: false,
  OpenStderr: false,
  CanRemove: false,
  DetachKeys: "",
  ProcessConfig: { entrypoint: "", arguments: [""], tty: false, privileged: false, user: "" },
};

/** Hosts write what kept a process from starting to where its output would have gone. */
const failedStart =
  /^(OCI runtime exec failed|cannot execute "|no such container|container \S+ is not running|Error: (crun|runc|executable))/i;
const failedLimit = 16_384;
/** Milliseconds: the API has nothing that waits for the end of a process, whose status may come behind its output. */
const firstLook = 5;
const lastLook = 500;

export class RemoteExecs implements Execs {
  readonly #link: Link;
  /** Those that were started from here. */
  readonly #started = new Set<string>();
  /** What leaves them, of those that were made here: hosts do not tell it in words. */
  readonly #keys = new Map<string, string>();

  constructor(link: Link) {
    this.#link = link;
  }

  async create(ref: string, { Cmd, ...config }: Omit<ExecConfig, "Detach">): Promise<{ Id: string }> {
    if (Cmd.length === 0) throw new EngineError("invalid", "No exec command specified");
    const value = { AttachStdout: true, AttachStderr: true, ...config, Cmd };
    const { Id } = await this.#link.json("POST", `/containers/${segment(ref)}/exec`, { Id: "" }, { value });
    if (config.DetachKeys) this.#keys.set(Id, config.DetachKeys);
    return { Id };
  }

  async start(id: string, { streams, detach = false, size, signal }: ExecStart = {}): Promise<SessionEnd> {
    const { ProcessConfig, OpenStdin, Running, ExitCode } = await this.inspect(id);
    if (Running || ExitCode !== null) throw new EngineError("conflict", `exec ${id} has been started already`);
    const { tty } = ProcessConfig;
    this.#started.add(id);
    const begin = size ?? streams?.terminal;
    const ConsoleSize = tty && begin && (await this.#link.speaks(142)) ? { ConsoleSize: [begin.rows, begin.columns] } : {};
    const value = { Detach: detach, Tty: tty, ...ConsoleSize };
    const path = `/exec/${segment(id)}/start`;
    if (detach) {
      await this.#link.tell("POST", path, { value });
      return { detached: true };
    }
    const connection = await this.#link.hijack(path, { value, signal });
    const held = new HeldBack(streams ? giver(streams, {}) : async () => {});
    const takesInput = OpenStdin && streams !== undefined;
    const resize = (wanted: { columns: number; rows: number }) => this.resize(id, wanted);
    if (tty && begin && !streams?.terminal) await resize(begin).catch(() => {}); // its end tells what is wrong with it
    const given = { connection, tty, streams: streams ?? nobody, takesInput, endsInput: true, resize, give: held.give };
    const detachKeys = this.#keys.get(id);
    const options = { sigProxy: false, ...(signal && { signal }), ...(detachKeys !== undefined && { detachKeys }) };
    const { detached } = await converse({ ...given, options }).catch((error: unknown) => Promise.reject(this.#link.explain(error, signal)));
    if (signal?.aborted) throw new EngineError("cancelled", "cancelled");
    return detached ? { detached: true } : this.#ended(id, held);
  }

  async #ended(id: string, held: HeldBack): Promise<SessionEnd> {
    const { ExitCode } = await this.#over(id);
    if (held.text !== undefined && (ExitCode === 126 || ExitCode === 127 || ExitCode === null || ExitCode === -1)) {
      const error = failure(500, held.text.trim(), this.#link.address);
      throw error.withExit(error.code.startsWith("command-") ? error.exit : (ExitCode ?? 126));
    }
    await held.release();
    if (ExitCode === null) throw new EngineError("system", `"${this.#link.address}" does not tell how exec ${id} ended`);
    return { detached: false, exitCode: ExitCode };
  }

  async #over(id: string): Promise<ExecInspect> {
    for (let pause = firstLook; ; pause = Math.min(pause * 2, lastLook)) {
      const found = await this.inspect(id);
      if (!found.Running) return found;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async inspect(id: string): Promise<ExecInspect> {
    const found = await this.#link.json("GET", `/exec/${segment(id)}/json`, inspected);
    const { ExitCode } = found as { ExitCode?: unknown };
    // One that has not begun, and one that runs, has no status: podman says 0.
    const isKnown = typeof ExitCode === "number" && !found.Running && (found.Pid > 0 || this.#started.has(id) || ExitCode !== 0);
    return { ...found, ExitCode: isKnown ? ExitCode : null };
  }

  async resize(id: string, { columns: w, rows: h }: { columns: number; rows: number }): Promise<void> {
    // dockerd waits for ten seconds for one that nobody has started.
    if (!this.#started.has(id) && !(await this.inspect(id)).Running) throw new EngineError("not-running", `exec ${id} is not running`);
    await this.#link.tell("POST", `/exec/${segment(id)}/resize`, { query: { w, h } });
  }

  /** See container/index.ts. */
  async exec(ref: string, { Detach = false, ...config }: ExecConfig, streams: Streams, signal?: AbortSignal): Promise<SessionEnd> {
    const { Id } = await this.create(ref, config);
    return this.start(Id, Detach ? { detach: true } : { streams, ...(signal && { signal }) });
  }
}

const nobody = {} as Streams;

/** Output that may be the host's own word about a process that did not start: shown only once it is clear that it is not. */
class HeldBack {
  readonly #give: (stream: Kind, data: Buffer) => Promise<void>;
  #held: { stream: Kind; data: Buffer }[] | undefined = [];

  constructor(give: (stream: Kind, data: Buffer) => Promise<void>) {
    this.#give = give;
  }

  get text(): string | undefined {
    return this.#held?.length ? Buffer.concat(this.#held.map(({ data }) => data)).toString() : undefined;
  }

  readonly give = async (stream: Kind, data: Buffer): Promise<void> => {
    this.#held?.push({ stream, data: Buffer.from(data) });
    const { text } = this;
    if (text === undefined) return this.#give(stream, data);
    if (!failedStart.test(text) || text.length > failedLimit) await this.release();
  };

  async release(): Promise<void> {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { stream, data } of held) await this.#give(stream, data);
  }
}
