/**
 * Connections through ssh: the system's client starts `docker system dial-stdio` over there, or berth's own, and its pipes are the
 * connection. All of them share one session with the host (ControlMaster), so that only the first one logs in.
 */
import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { EngineError } from "../../errors.ts";
import { findProgram, spawnProcess } from "../../process/spawn.ts";
import type { Address } from "./address.ts";

type SshAddress = Extract<Address, { kind: "ssh" }>;

/** What is asked for on the host, in this order: whose server answers first is the one. berth is a server itself, and has no socket. */
const programsFor = ({ path }: SshAddress): readonly string[] => (path === undefined ? ["docker", "berth"] : ["docker"]);

/** Status of an ssh that failed itself; others are those of the program over there. */
const ownFailure = 255;

/** Seconds that the shared session stays when nobody uses it. */
const persist = 60;

/** A shell over there splits what it is given. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Words of the user's ssh. Pure.
 * @param program what is started over there
 * @param options.control path of the shared session's socket
 * @param options.asks ssh may ask for a password, at the terminal
 */
export function sshArguments(
  address: SshAddress,
  program: string,
  { control, asks = false }: { control?: string | undefined; asks?: boolean } = {},
): string[] {
  const { user, host, port, path } = address;
  const shared =
    control === undefined ? [] : ["-o", "ControlMaster=auto", "-o", `ControlPath=${control}`, "-o", `ControlPersist=${persist}`];
  const remote = [program, ...(path !== undefined ? ["-H", quoted(`unix://${path}`)] : []), "system", "dial-stdio"];
  return [
    ...["-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-T"],
    ...(asks ? [] : ["-o", "BatchMode=yes"]),
    ...shared,
    ...(user !== undefined ? ["-l", user] : []),
    ...(port !== undefined ? ["-p", String(port)] : []),
    ...["--", host, ...remote],
  ];
}

export class SshDialer {
  readonly #address: SshAddress;
  readonly #ssh: string;
  readonly #asks: boolean;
  #program = 0;

  /** @throws EngineError `system` without an ssh client */
  constructor(address: SshAddress, asks: boolean) {
    this.#address = address;
    this.#asks = asks;
    const ssh = findProgram("ssh");
    if (!ssh)
      throw new EngineError("system", `cannot reach "ssh://${address.host}": there is no ssh on this host`, {
        hint: "install openssh-client",
      });
    this.#ssh = ssh;
  }

  /** The next program is to be tried. False when all were: the first one is next again. */
  tryNext(): boolean {
    this.#program = (this.#program + 1) % programsFor(this.#address).length;
    return this.#program > 0;
  }

  async dial(): Promise<Duplex> {
    const args = sshArguments(this.#address, programsFor(this.#address)[this.#program]!, { control: controlPath(), asks: this.#asks });
    // Agents, known hosts and the way to ask for a password are in the user's environment.
    const env = { HOME: homedir(), ...process.env } as Record<string, string>;
    return new PipeConnection(spawnProcess(this.#ssh, args, { stdio: ["pipe", "pipe", "pipe"], env }));
  }
}

/** A place that nobody else can write to, with a short name: a socket's path may have 107 bytes. `%C` is ssh's digest of the address. */
function controlPath(): string | undefined {
  const home = process.env["XDG_RUNTIME_DIR"] || tmpdir();
  const directory = join(home, `berth-ssh-${process.getuid?.() ?? 0}`);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isOwn(directory)) return undefined;
  }
  return join(directory, "%C");
}

function isOwn(directory: string): boolean {
  const { lstatSync } = process.getBuiltinModule("node:fs");
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

/** Bytes of ssh's complaints that are kept. */
const complaintLimit = 4096;

/** A child's pipes as one connection. What Node's HTTP asks of a socket beyond a stream has no meaning here. */
class PipeConnection extends Duplex {
  readonly #child: ChildProcess;
  #complaint = "";
  #hasEnded = false;

  constructor(child: ChildProcess) {
    super({ allowHalfOpen: true });
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => (this.#complaint = (this.#complaint + chunk.toString()).slice(-complaintLimit)));
    child.stdin?.on("error", () => {}); // the child is gone, which its end tells
    child.stdout?.on("data", (chunk: Buffer) => this.push(chunk) || child.stdout?.pause());
    child.on("error", (error) => this.destroy(error));
    child.on("close", (status) => this.#end(status));
    // An older ssh's shared session holds on to its first client's standard error: its end never comes.
    const isOver = () => child.exitCode === 0 && child.stdout?.readableEnded && this.#end(0);
    child.stdout?.once("end", isOver);
    child.once("exit", isOver);
  }

  #end(status: number | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (status === 0) this.push(null);
    else {
      const code = status === ownFailure || status === null ? "ESSH" : "EPROGRAM";
      this.destroy(Object.assign(new Error(this.#complaint.trim() || `ssh ended with status ${status}`), { code }));
    }
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#child.stdin?.writable) this.#child.stdin.write(chunk, () => done());
    else done();
  }

  override _final(done: () => void): void {
    this.#child.stdin?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#child.exitCode === null) this.#child.kill("SIGTERM");
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    this.#child.ref();
    return this;
  }

  unref(): this {
    this.#child.unref();
    return this;
  }
}
