/** Commands that run in a container after its start, or before its stop. */
import type { PassThrough } from "node:stream";
import type { ExecConfig } from "../../container/index.ts";
import { EngineError } from "../../errors.ts";
import { environmentOf } from "../create/container.ts";
import type { Hook } from "../service.ts";
import type { Seen } from "./observe.ts";
import type { Scene } from "./scene.ts";

/** @throws EngineError `expectation` when one of them fails; what it wrote is told before */
export async function runHooks(scene: Scene, container: Pick<Seen, "id" | "name" | "service">, hooks: readonly Hook[] = []): Promise<void> {
  for (const hook of scene.dryRun ? [] : hooks) await runHook(scene, container, hook);
}

async function runHook(scene: Scene, container: Pick<Seen, "id" | "name" | "service">, hook: Hook): Promise<void> {
  const { id, name, service } = container;
  const output: PassThrough = new (process.getBuiltinModule("node:stream").PassThrough)();
  const told = tell(scene, container, output);
  const { exitCode = 0 } = await scene.engine.containers
    .exec(id, configOf(hook), { stdout: output, stderr: output }, scene.signal)
    .finally(() => output.end());
  await told;
  if (exitCode !== 0)
    throw new EngineError("expectation", `${service} hook exited with status ${exitCode}`, {
      hint: `it is "${hook.command.join(" ")}" in container ${name}; see what it wrote above`,
      exit: 1,
    });
}

function configOf({ command, environment, privileged, user, working_dir }: Hook): ExecConfig {
  return {
    Cmd: command,
    Env: environmentOf(environment),
    ...(user && { User: user }),
    ...(working_dir && { WorkingDir: working_dir }),
    ...(privileged && { Privileged: true }),
  };
}

/** Line by line as they come where they have a place among others, else all at the end. */
async function tell({ report, hookLine }: Scene, container: Pick<Seen, "name">, output: AsyncIterable<Buffer>): Promise<void> {
  let pending = Buffer.alloc(0);
  for await (const bytes of output) {
    pending = Buffer.concat([pending, bytes]);
    for (let end = pending.indexOf("\n"); hookLine && end >= 0; end = pending.indexOf("\n")) {
      hookLine(container, pending.subarray(0, end));
      pending = pending.subarray(end + 1);
    }
  }
  if (hookLine && pending.length > 0) hookLine(container, pending);
  const text = hookLine ? "" : pending.toString().trimEnd();
  if (text !== "") report({ type: "message", text: `${container.name}: ${text}` });
}
