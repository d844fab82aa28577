/**
 * An SSH agent for the keys of `--ssh ID=KEY`: alive for one step, its socket known to that step alone. It is ssh-agent(1); a process that
 * waits for the end of its standard input is its parent, so that it ends even when this process is killed.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { EngineError, toEngineError } from "../../errors.ts";
import { findProgram, runProcess, spawnProcess } from "../../process/spawn.ts";
import { readLimited } from "../../sys/limited-file.ts";

export interface KeyAgent extends AsyncDisposable {
  socket: string;
}

/** Bytes; no key is near it. */
const maxKey = 1 << 20;

/** How a held agent begins: it says its process id, then waits. */
const holder = 'echo "$SSH_AGENT_PID" && exec cat';

/** @param directory where the socket comes; its name may be longer than a socket's address, as it is only used from inside */
export async function startKeyAgent(directory: string, keys: readonly string[]): Promise<KeyAgent> {
  const [agent, add] = ["ssh-agent", "ssh-add"].map(findProgram);
  if (!agent || !add)
    throw new EngineError("unsupported", `cannot use SSH key "${keys[0]}": there is no ssh-agent on this machine`, {
      exit: 1,
      hint: "install OpenSSH's client, or give the socket of an agent: --ssh ID=SOCKET",
    });
  const name = `agent-${randomBytes(6).toString("hex")}`;
  const child = spawnProcess(agent, ["-a", name, "/bin/sh", "-c", holder], { cwd: directory, stdio: ["pipe", "pipe", "pipe"] });
  const running = await started(child, keys[0] ?? "");
  try {
    for (const key of keys) await addKey(add, { directory, name }, key);
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
  return { socket: join(directory, name), [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

async function started(child: ReturnType<typeof spawnProcess>, key: string): Promise<AsyncDisposable> {
  const said = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<void>();
  const wrong: Buffer[] = [];
  child.stderr?.on("data", (data: Buffer) => wrong.push(data));
  child.stdout?.on("data", (data: Buffer) => said.resolve(Number(data.toString())));
  child.stdin?.on("error", () => {}); // it is gone already
  child.once("error", said.reject);
  child.once("close", () => {
    said.reject(new Error(Buffer.concat(wrong).toString().trim() || "it ended early"));
    ended.resolve();
  });
  const agent = await said.promise.catch((error: unknown) => {
    throw toEngineError(error, `cannot start an SSH agent for "${key}"`);
  });
  return {
    async [Symbol.asyncDispose]() {
      process.kill(agent, "SIGTERM"); // by itself it looks for its holder only now and then
      child.stdin?.end();
      await ended.promise;
    },
  };
}

/** By standard input: ssh-add is stricter about the modes of files than docker is. It must not ask for a passphrase. */
async function addKey(add: string, { directory, name }: { directory: string; name: string }, key: string): Promise<void> {
  const input = readKey(key);
  const env = { SSH_AUTH_SOCK: name, SSH_ASKPASS: "/bin/false", SSH_ASKPASS_REQUIRE: "force" };
  const { status, stderr } = await runProcess(add, ["-q", "-"], { cwd: directory, env, input });
  if (status === 0) return;
  throw new EngineError("invalid", `cannot use SSH key "${key}": ${stderr.trim().split("\n").at(-1) || `ssh-add ended with ${status}`}`, {
    exit: 1,
    hint: "a key with a passphrase has to be added to ssh-agent by you: give it with --ssh default",
  });
}

function readKey(key: string): string {
  try {
    return readLimited(key, { limit: maxKey, name: `SSH key "${key}"`, pipes: true }).toString("utf8");
  } catch (error) {
    throw toEngineError(error, `cannot read SSH key "${key}"`);
  }
}
