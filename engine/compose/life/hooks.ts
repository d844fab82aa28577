/** Commands that run in a container after its start, or before its stop. */
import { EngineError } from "../../errors.ts";
import { environmentOf } from "../create/container.ts";
import type { Hook } from "../service.ts";
import type { Seen } from "./observe.ts";
import type { Scene } from "./scene.ts";

/** @throws EngineError `expectation` when one of them fails; what it wrote is told before */
export async function runHooks(
  { engine, report, signal, dryRun }: Scene,
  { id, name, service }: Pick<Seen, "id" | "name" | "service">,
  hooks: readonly Hook[] = [],
): Promise<void> {
  for (const hook of dryRun ? [] : hooks) {
    const output = new (process.getBuiltinModule("node:stream").PassThrough)();
    const lines: Buffer[] = [];
    output.on("data", (bytes: Buffer) => lines.push(bytes));
    const config = {
      Cmd: hook.command,
      Env: environmentOf(hook.environment),
      ...(hook.user && { User: hook.user }),
      ...(hook.working_dir && { WorkingDir: hook.working_dir }),
      ...(hook.privileged && { Privileged: true }),
    };
    const { exitCode = 0 } = await engine.containers.exec(id, config, { stdout: output, stderr: output }, signal);
    const text = Buffer.concat(lines).toString().trimEnd();
    if (text !== "") report({ type: "message", text: `${name}: ${text}` });
    if (exitCode !== 0)
      throw new EngineError("expectation", `${service} hook exited with status ${exitCode}`, {
        hint: `it is "${hook.command.join(" ")}" in container ${name}; see what it wrote above`,
        exit: 1,
      });
  }
}
