/** What a build's steps wrote: chosen by a menu of its steps, shown in a pager that goes on while the build runs. */
import { toEngineError } from "../../engine/errors.ts";
import type { BuildEvent, BuildRecord, BuildSummary, Engine } from "../../engine/index.ts";
import { createProgress } from "../../src/progress/index.ts";
import { LineBuffer } from "../logs/line-buffer.ts";
import { turns } from "../logs/read.ts";
import type { MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";
import { mainStep, titleOf, tookText } from "./steps.ts";

const everything = "all";

/** The menu; of a host that keeps nothing of builds it says so. */
export async function openStepMenu(tui: Tui, build: BuildSummary): Promise<void> {
  try {
    const record = await tui.engine.builder.inspect(build.ID);
    const items = record.Vertices.map(
      (vertex): MenuItem => ({
        label: `#${vertex.ID}`,
        text: `${tookText(vertex, Date.now()).padStart(11)}  ${vertex.Stage ? `${vertex.Stage} ` : ""}${titleOf(vertex)}`,
        choose: () => openLog(tui, build, vertex),
      }),
    );
    const all: MenuItem = { label: everything, text: "what all steps wrote, in its order", choose: () => openLog(tui, build) };
    const main = mainStep(record);
    tui.menus.open(`Log of a step of ${build.Name}`, [all, ...items], { chosen: main ? `#${main.ID}` : everything });
  } catch (error) {
    tui.notes.error(toEngineError(error));
  }
}

function openLog(tui: Tui, build: BuildSummary, vertex?: BuildRecord["Vertices"][number]): void {
  const abort = new AbortController();
  const buffer = tui.pagers.createBuffer();
  const running = build.Status === "running";
  const of = vertex ? `${build.Name} #${vertex.ID}: ${vertex.Name}` : build.Name;
  tui.pagers.open("logs", `logs of build ${of}`, buffer, { running, abort });
  void read(tui.engine, build.ID, buffer, abort.signal, vertex?.ID).then(() => tui.pagers.finished(buffer));
}

/** Never rejects: the last line says why. */
async function read(engine: Engine, id: string, buffer: LineBuffer, signal: AbortSignal, step?: string): Promise<void> {
  const take = step === undefined ? wholly(buffer) : outputOf(step, buffer);
  const turn = turns();
  try {
    for await (const event of engine.builder.replay(id, { follow: true, signal })) {
      take(event);
      await turn();
    }
  } catch (error) {
    if (!signal.aborted) buffer.text(toEngineError(error).message);
  }
}

function outputOf(step: string, buffer: LineBuffer): (event: BuildEvent) => void {
  return (event) => {
    if (event.type === "step-log" && event.id === step) buffer.write(event.data);
    else if (event.type === "step" && event.id === step && event.error !== undefined) buffer.text(event.error);
  };
}

/** As `build --progress plain` writes it. */
function wholly(buffer: LineBuffer): (event: BuildEvent) => void {
  const screen = {
    write: (text: string) => buffer.write(Buffer.from(text)),
    size: () => ({ columns: 80, rows: 24 }),
    paint: (_style: unknown, text: string) => text,
    terminal: false,
  };
  const progress = createProgress({ mode: "plain", quiet: false, screen: screen as never });
  return (event) => progress.event(event);
}

/** Lines of a log beside the list. */
const beside = 200;

/** The end of what the step wrote that matters most. */
export async function endOfLog(engine: Engine, build: BuildSummary): Promise<{ title: string; lines: string[] }> {
  const step = mainStep(await engine.builder.inspect(build.ID));
  if (!step) return { title: "", lines: ["no step has written anything"] };
  const buffer = new LineBuffer();
  for await (const event of engine.builder.replay(build.ID)) outputOf(step.ID, buffer)(event);
  const from = Math.max(buffer.first, buffer.end - beside);
  return { title: step.Name, lines: Array.from({ length: buffer.end - from }, (_, at) => buffer.line(from + at)?.text ?? "") };
}
