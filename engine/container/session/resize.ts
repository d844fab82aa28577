/** The size of a container's terminal, set through its monitor. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { resizeMastersOf, type TerminalSize } from "../../sys/terminal.ts";
import { resizeMessage, tellMonitor } from "../process/index.ts";
import { type ContainerRecord, emitContainer, filesOf, findContainer, isRunning } from "../record/index.ts";
import { monitorOf } from "./session-output.ts";

/** See index.ts. */
export async function resizeContainer(ground: Ground, ref: string, size: TerminalSize): Promise<void> {
  const record = findContainer(ground, ref);
  if (!isRunning(record) || record.status === "restarting") throw new EngineError("not-running", `container ${record.id} is not running`);
  if (record.config.Tty && !record.direct) sizeTerminal(ground, record, size);
}

/** At once where it can be done: the next key may already ask for the size. */
export function sizeTerminal(ground: Ground, record: ContainerRecord, size: TerminalSize): void {
  const { columns, rows } = size;
  const { bundle } = filesOf(ground, record.id);
  if (resizeMastersOf(monitorOf(ground, record.id).pid, size) || tellMonitor(bundle, resizeMessage(columns, rows)))
    emitContainer(ground, record, "resize", { height: String(rows), width: String(columns) });
}
