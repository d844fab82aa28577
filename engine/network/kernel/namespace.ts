/**
 * Network namespaces: making one as a file, and speaking to one by a netlink socket that stays inside it. Both need this
 * thread to step into the namespace for a moment; nothing is awaited there, so nothing else runs in it.
 */
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { CLONE, MS, mount, setns, unmount, unshare } from "../../sys/libc.ts";
import { NetlinkSocket } from "../../sys/netlink.ts";

const current = "/proc/thread-self/ns/net";

/** A namespace at hand: a socket that speaks to it, and the descriptor that names it to the kernel. */
export interface OpenNamespace extends Disposable {
  socket: NetlinkSocket;
  fd: number;
}

/**
 * Makes a namespace and binds it to a file, so that it lives without a process.
 * @param path a new file under RUN/netns
 * @param settings files below /proc/sys/net to write before any interface comes in
 * @throws EngineError `network`
 */
export function makeNamespace(path: string, settings: Record<string, string> = {}): void {
  closeSync(openSync(path, "w", 0o600));
  elsewhere(path, () => {
    unshare(CLONE.NEWNET);
    mount(current, path, "none", MS.BIND);
    for (const [name, value] of Object.entries(settings)) writeFileSync(`/proc/sys/net/${name}`, value);
  });
}

/** Opens a namespace made earlier, or a process's. @throws EngineError `network` */
export function openNamespace(path: string, settings: Record<string, string> = {}): OpenNamespace {
  const { socket, fd } = enterNamespace(path, settings, () => ({ socket: new NetlinkSocket(), fd: openSync(current, "r") }));
  return {
    socket,
    fd,
    [Symbol.dispose]() {
      socket[Symbol.dispose]();
      closeSync(fd);
    },
  };
}

/** Takes one step inside a namespace; it must not await anything. @throws EngineError `network` */
export function enterNamespace<T>(path: string, settings: Record<string, string>, step: () => T): T {
  return elsewhere(path, () => {
    const fd = openSync(path, "r");
    try {
      setns(fd, CLONE.NEWNET);
    } finally {
      closeSync(fd);
    }
    for (const [name, value] of Object.entries(settings)) writeFileSync(`/proc/sys/net/${name}`, value);
    return step();
  });
}

/** Unbinds and removes a namespace file; its interfaces go with it. Idempotent. */
export function removeNamespace(path: string): void {
  unmount(path);
  rmSync(path, { force: true });
}

/** Takes a step that changes this thread's namespace, and comes back. */
function elsewhere<T>(path: string, step: () => T): T {
  const home = openSync(current, "r");
  try {
    return step();
  } catch (cause) {
    throw new EngineError("network", `cannot open the network namespace "${path}": ${(cause as Error).message}`, { cause });
  } finally {
    try {
      setns(home, CLONE.NEWNET);
    } catch {
      process.abort(); // this thread could never get back to the host's network
    }
    closeSync(home);
  }
}
