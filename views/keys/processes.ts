/** The menu of a container's processes, which is read again while it is open; choosing one is for sending it a signal. */
import { toEngineError } from "../../engine/errors.ts";
import type { ContainerSummary, Engine, ProcessTable } from "../../engine/index.ts";
import { cellWidth, fill } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { hostOf } from "../hosts/hosts.ts";
import { containerName } from "../resources/containers.ts";
import type { MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";
import { openSignals } from "./signals.ts";

/** What ps(1) is asked for. */
const columns = ["-eo", "pid,user,pcpu,pmem,etime,args"];
/** Milliseconds between two looks. */
const rest = 2000;

/** Opens it for a container that runs. */
export async function openProcesses(tui: Tui, row: ContainerSummary): Promise<void> {
  const title = `Processes of ${containerName(row)}`;
  try {
    const table = await read(tui.engine, row.Id);
    const { header, items } = itemsOf(tui, row, table);
    tui.menus.open(title, items, { header, order: orderOf(table, "%CPU") });
    readAgain(tui, row, title);
  } catch (error) {
    tui.notes.error(toEngineError(error));
  }
}

const read = (engine: Engine, id: string): Promise<ProcessTable> => engine.containers.top(id, columns);

/** While it is open; a container that has ended has none. */
function readAgain(tui: Tui, row: ContainerSummary, title: string): void {
  setTimeout(async () => {
    if (tui.state.menu?.title !== title) return;
    const table = await read(tui.engine, row.Id).catch((): ProcessTable => ({ Titles: [], Processes: [] }));
    if (tui.menus.update(title, itemsOf(tui, row, table).items)) readAgain(tui, row, title);
  }, rest).unref();
}

const orderOf = ({ Titles }: ProcessTable, wanted: string) => (Titles.includes(wanted) ? wanted : undefined);

/** The pid is the label; an item of one process has the same one each time. */
function itemsOf(tui: Tui, row: ContainerSummary, { Titles, Processes }: ProcessTable): { header: string; items: MenuItem[] } {
  const at = Math.max(0, Titles.indexOf("PID"));
  const own = Processes.map((cells) => cells.map(neutraliseLine));
  const widths = Titles.map((title, column) => Math.max(cellWidth(title), ...own.map((cells) => cellWidth(cells[column] ?? ""))));
  const rest = (cells: readonly string[]) =>
    cells.flatMap((cell, column) => (column === at ? [] : [column === Titles.length - 1 ? cell : fill(cell, widths[column]!)])).join("  ");
  const items = own.map((cells): MenuItem => {
    const pid = cells[at] ?? "";
    return { label: pid, text: rest(cells), orders: ordersOf(Titles, cells), choose: () => signal(tui, row, pid) };
  });
  return { header: `PID ${rest(Titles)}`, items };
}

function ordersOf(titles: readonly string[], cells: readonly string[]): Record<string, string | number> {
  const value = (cell: string) => (/^\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell);
  return Object.fromEntries(titles.map((title, at) => [title, value(cells[at] ?? "")]));
}

function signal(tui: Tui, row: ContainerSummary, pid: string): void {
  const name = containerName(row);
  openSignals(tui, `process ${pid} of "${name}"`, (signal) => [
    [...tui.hosts.flagsOf(hostOf(row)), "kill", "-s", signal, "--process", pid, name],
  ]);
}
