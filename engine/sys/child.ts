/**
 * Child processes of few needs by posix_spawn(3), which does not copy this process as Node's fork(2) does: 0.3 ms instead
 * of 3 ms. Their streams are descriptors.
 */
import { childEndOnBun, spawnOnBun, watchesChildren } from "./bun.ts";
import { bind, check, systemError } from "./libc.ts";
import { watchExit } from "./pidfd.ts";

/** <spawn.h> */
const POSIX_SPAWN = { SETSIGDEF: 4, SETSIGMASK: 8, SETSID: 0x80 };
const O_RDWR = 2;
/** Larger than any of the C library's opaque structures: sigset_t, posix_spawnattr_t, posix_spawn_file_actions_t. */
const opaque = 512;

/** This process's descriptor for each of the child's first three; undefined for /dev/null. */
export type ChildStreams = readonly [stdin: number | undefined, stdout: number | undefined, stderr: number | undefined];

export interface Child {
  readonly pid: number;
  /** Nothing happens once it has ended. */
  kill(signal: "SIGTERM" | "SIGKILL" | "SIGHUP" | "SIGWINCH"): void;
  /** Exit status, 128+n after signal n. */
  exited: Promise<number>;
}

export interface ChildOptions {
  /** The whole environment. */
  env: Record<string, string>;
  /** Its name among its own arguments. */
  argv0: string;
  streams: ChildStreams;
  /** A session of its own: what the terminal of this process sends to its group passes it by. */
  ownSession?: boolean;
}

/**
 * Starts a program in the root directory, with every signal at its default, in this thread's namespaces.
 * @param program absolute path
 * @throws the system error of execve(2), at once
 */
export function spawnChild(program: string, args: readonly string[], options: ChildOptions): Child {
  const { env, argv0, streams, ownSession = false } = options;
  if (process.versions.bun && !ownSession && watchesChildren()) return spawnOnBun(program, args, options);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const pid = posixSpawn(program, [argv0, ...args], variables, streams, ownSession);
  let ended = false;
  const exited = watchChild(pid).then(() => {
    ended = true;
    return reap(pid);
  });
  return {
    pid,
    // Its pid is not used again before it is reaped.
    kill: (signal) => void (ended || process.kill(pid, signal)),
    exited,
  };
}

// <linux/prctl.h>
const PR_SET_CHILD_SUBREAPER = 36;
let adopting = 0;

/**
 * Until this is disposed of, children whose parent, a child of this process, ends become children of this one: by then whoever is to be
 * adopted has been, and others, which nobody here would wait for, go to the system's first process as ever.
 */
export function adoptOrphans(): Disposable {
  const set = (wanted: boolean) =>
    check(
      bind<(option: number, value: number) => number>("int prctl(int option, unsigned long value)")(PR_SET_CHILD_SUBREAPER, +wanted),
      "prctl",
    );
  if (adopting++ === 0) set(true);
  return { [Symbol.dispose]: () => void (--adopting === 0 && set(false)) };
}

/** Exit status (128+n after signal n) of a process that was adopted. */
export async function endOfAdopted(pid: number): Promise<number> {
  await watchChild(pid);
  return reap(pid);
}

const RLIMIT_CPU = 0;

/** Lets the kernel kill a process once it has taken so many seconds of processor time; what it has started is not meant. */
export function limitProcessorTime(pid: number, seconds: number): void {
  const limit = BigUint64Array.of(BigInt(seconds), BigInt(seconds)); // struct rlimit64
  bind<(pid: number, resource: number, limit: BigUint64Array, before: null) => number>(
    "int prlimit64(int pid, int resource, const void *limit, void *before)",
  )(pid, RLIMIT_CPU, limit, null);
}

// <sched.h>
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const SCHED_RESET_ON_FORK = 0x40000000;

/** For sched_setscheduler(2). */
export const thisThread = 0;

/**
 * Lets a process run before all others, its own children among them, where the system permits it.
 * @returns gives it back its usual priority; must be called
 */
export function runFirst(pid: number): () => void {
  const schedule = bind<(pid: number, policy: number, priority: Int32Array) => number>(
    "int sched_setscheduler(int pid, int policy, const void *parameters)",
  );
  schedule(pid, SCHED_FIFO | SCHED_RESET_ON_FORK, Int32Array.of(1));
  return () => void schedule(pid, SCHED_OTHER, Int32Array.of(0));
}

/** A child that cannot be watched, for want of descriptors, is not left to itself. */
function watchChild(pid: number): Promise<void> {
  if (process.versions.bun) return childEndOnBun(pid);
  try {
    return watchExit(pid);
  } catch (error) {
    process.kill(pid, "SIGKILL");
    reap(pid);
    throw error;
  }
}

/** @returns the pid; whoever starts a child must reap it */
function posixSpawn(program: string, argv: readonly string[], env: readonly string[], streams: ChildStreams, ownSession: boolean): number {
  const actions = Buffer.alloc(opaque);
  const attributes = Buffer.alloc(opaque);
  call("int posix_spawn_file_actions_init(void *actions)", actions);
  call("int posix_spawnattr_init(void *attributes)", attributes);
  try {
    call("int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)", actions, "/");
    streams.forEach((fd, at) => {
      if (fd === undefined)
        call(
          "int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, int mode)",
          actions,
          at,
          "/dev/null",
          O_RDWR,
          0,
        );
      else call("int posix_spawn_file_actions_adddup2(void *actions, int from, int to)", actions, fd, at);
    });
    call("int posix_spawnattr_setsigmask(void *attributes, const void *signals)", attributes, Buffer.alloc(opaque));
    // Every bit: sigfillset(3) leaves out those that the C library keeps for itself, which would be ignored.
    call("int posix_spawnattr_setsigdefault(void *attributes, const void *signals)", attributes, Buffer.alloc(opaque, 0xff));
    const flags = POSIX_SPAWN.SETSIGDEF | POSIX_SPAWN.SETSIGMASK | (ownSession ? POSIX_SPAWN.SETSID : 0);
    call("int posix_spawnattr_setflags(void *attributes, short flags)", attributes, flags);
    const pid = new Int32Array(1);
    const prototype =
      "int posix_spawn(int *pid, const char *path, const void *actions, const void *attributes, const char **argv, const char **env)";
    const errno = call(prototype, pid, program, actions, attributes, [...argv, null], [...env, null]);
    if (errno !== 0) throw systemError(errno, "spawn", program);
    return pid[0]!;
  } finally {
    call("int posix_spawn_file_actions_destroy(void *actions)", actions);
    call("int posix_spawnattr_destroy(void *attributes)", attributes);
  }
}

function call(prototype: string, ...args: unknown[]): number {
  return bind<(...args: unknown[]) => number>(prototype)(...args);
}

/** How a child that has ended did so, waitpid(2): exit status, or 128 plus the number of the signal. */
function reap(pid: number): number {
  const status = new Int32Array(1);
  check(call("int waitpid(int pid, int *status, int options)", pid, status, 0), "waitpid");
  const word = status[0]!;
  const signal = word & 0x7f;
  return signal === 0 ? (word >> 8) & 0xff : 128 + signal;
}
