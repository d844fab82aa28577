/** The containers, networks, volumes and images of a project while they change: a line each, and how many are ready. */
import type { ResourceEvent } from "../../engine/events.ts";
import { cellWidth, truncate } from "../format/cells.ts";
import { neutraliseLine } from "../format/neutral.ts";
import type { Paint } from "../print.ts";
import { seconds } from "./steps.ts";

/** " Container app-web-1  Created", as docker compose writes it where nothing is drawn. */
export function resourceText({ dryRun, kind, name, status, text }: ResourceEvent): string {
  return `${dryRun ? ` ${rehearsal} ` : ""} ${kind} ${name}  ${status}${text === undefined ? "" : ` ${text.split("\n", 1)[0]}`}`;
}

const rehearsal = "DRY-RUN MODE -";

interface Row {
  event: ResourceEvent;
  started: number;
  ended?: number;
}

const marks = { working: "⠿", done: "✔", warning: "!", error: "✘" } as const;
const styles = { working: undefined, done: "green", warning: "yellow", error: "red" } as const;

export class Resources {
  readonly #rows = new Map<string, Row>();

  get isActive(): boolean {
    return [...this.#rows.values()].some(({ ended }) => ended === undefined);
  }

  add(event: ResourceEvent): void {
    const key = `${event.kind} ${event.name}`;
    const before = this.#rows.get(key);
    const now = Date.now();
    const started = before?.ended === undefined ? (before?.started ?? now) : now;
    this.#rows.set(key, { event, started, ...(event.state !== "working" && { ended: now }) });
  }

  lines(columns: number, paint: Paint): string[] {
    const rows = [...this.#rows.values()];
    if (rows.length === 0) return [];
    const ready = rows.filter(({ ended }) => ended !== undefined).length;
    const width = Math.max(...rows.map(({ event }) => cellWidth(titleOf(event))));
    return [paint("blue", `[+] Running ${ready}/${rows.length}`), ...rows.map((row) => lineOf(row, columns, width, paint))];
  }
}

const titleOf = ({ dryRun, kind, name }: ResourceEvent) => neutraliseLine(`${dryRun ? `${rehearsal} ` : ""}${kind} ${name}`);

function lineOf({ event, started, ended }: Row, columns: number, width: number, paint: Paint): string {
  const time = seconds((ended ?? Date.now()) - started);
  const title = titleOf(event);
  const status = neutraliseLine(`${event.status}${event.text === undefined ? "" : ` ${event.text.split("\n", 1)[0]}`}`);
  const before = `${title}${" ".repeat(width - cellWidth(title))}  `;
  const left = truncate(`${before}${status}`, columns - time.length - 5);
  const gap = " ".repeat(Math.max(1, columns - 4 - cellWidth(left) - time.length));
  const style = styles[event.state];
  const painted = (text: string) => (style ? paint(style, text) : text);
  return ` ${painted(marks[event.state])} ${left.slice(0, before.length)}${painted(left.slice(before.length))}${gap}${paint("blue", time)}`;
}
