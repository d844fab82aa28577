/** Execs of the fake engine by their ids. */
import type { Readable } from "node:stream";
import { DetachKeys } from "../../../engine/detach-keys.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ExecConfig, ExecStart, Execs, SessionEnd } from "../../../engine/index.ts";
import { execProcess, execTarget } from "./containers.ts";
import { type FakeExec, id, type World } from "./world.ts";

const usual = { columns: 80, rows: 24 };

function find(world: World, ref: string): FakeExec {
  const exec = world.execs.get(ref);
  if (!exec) throw new EngineError("not-found", `no such exec: "${ref}"`);
  return exec;
}

async function start(world: World, ref: string, { streams, detach, size }: ExecStart = {}): Promise<SessionEnd> {
  const exec = find(world, ref);
  if (exec.started) throw new EngineError("conflict", `exec "${ref}" has already run`);
  const row = execTarget(world, exec.container.Id, exec.config);
  exec.started = true;
  if (exec.config.Tty) exec.size = size ?? streams?.terminal ?? usual;
  const ended = play(world, exec, () => execProcess(world, row, exec.config, detach ? undefined : streams, () => exec.size ?? usual).ended);
  if (detach) return { detached: true };
  const ends = ended.then((exitCode) => ({ detached: false, exitCode }));
  return streams?.stdin && exec.config.Tty ? Promise.race([ends, left(streams.stdin, exec.config)]) : ends;
}

/** Resolves once the detach keys were typed. */
function left(stdin: Readable, { DetachKeys: sequence }: Pick<ExecConfig, "DetachKeys">): Promise<SessionEnd> {
  const keys = new DetachKeys(sequence);
  return new Promise((resolve) => stdin.on("data", (chunk: Uint8Array) => keys.feed(chunk).detached && resolve({ detached: true })));
}

async function play(world: World, exec: FakeExec, run: () => Promise<number>): Promise<number> {
  try {
    exec.exitCode = await run();
  } catch (error) {
    exec.exitCode = (error as EngineError).exit;
    throw error;
  } finally {
    exec.size = undefined;
    world.emit("container", "exec_die", exec.container.Id, { execID: exec.id });
  }
  return exec.exitCode;
}

export function fakeExecs(world: World): Execs {
  return {
    async create(ref, config) {
      const exec: FakeExec = {
        id: id(),
        container: execTarget(world, ref, config),
        config,
        started: false,
        exitCode: null,
        size: undefined,
      };
      world.execs.set(exec.id, exec);
      return { Id: exec.id };
    },
    start: (ref, options) => start(world, ref, options),
    async inspect(ref) {
      const { config, container, exitCode, started } = find(world, ref);
      const [entrypoint = "", ...args] = config.Cmd;
      return {
        ID: ref,
        ContainerID: container.Id,
        Running: started && exitCode === null,
        ExitCode: exitCode,
        Pid: started ? 4243 : 0,
        OpenStdin: config.AttachStdin ?? false,
        OpenStdout: config.AttachStdout ?? true,
        OpenStderr: config.AttachStderr ?? true,
        CanRemove: exitCode !== null,
        DetachKeys: config.DetachKeys ?? "",
        ProcessConfig: {
          entrypoint,
          arguments: args,
          tty: config.Tty ?? false,
          privileged: config.Privileged ?? false,
          user: config.User ?? "",
        },
      };
    },
    async resize(ref, size) {
      const exec = find(world, ref);
      if (!exec.size) throw new EngineError("not-running", `exec "${ref}" has no terminal now`);
      exec.size = size;
    },
  };
}
