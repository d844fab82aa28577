/** A cast as a picture: an SVG that plays it by a CSS animation, or a moment of it. */
import type { Terminal } from "@xterm/headless";
import { EngineError } from "../../../engine/errors.ts";
import type { CastFile } from "./cast-file.ts";
import { cell, screenRows, screenSvg, usedRows, windowSvg } from "./screen-svg.ts";

export interface PictureOptions {
  /** Seconds from the beginning: only what stands there then. "end": at last. */
  at?: number | "end" | undefined;
  /** Seconds that nothing may happen; more are cut. */
  idle?: number | undefined;
  title?: string | undefined;
}

/** Changes closer than this (seconds) are one: nobody sees more. */
const frameTime = 0.05;
/** Seconds that the last frame stays before it begins again. */
const pause = 3;
const defaultIdle = 2;
/** More frames are no picture for a README. */
const mostFrames = 3000;

interface Shot {
  at: number;
  rows: string[];
}

/** @throws EngineError `invalid` when it is too long */
export async function castSvg(cast: CastFile, { at, idle = defaultIdle, title = cast.title || "berth" }: PictureOptions): Promise<string> {
  const { default: xterm } = await import("@xterm/headless");
  const terminal: Terminal = new xterm.Terminal({ cols: cast.width, rows: cast.height, scrollback: 0, allowProposedApi: true });
  try {
    if (at !== undefined) {
      const shown = cast.events.filter((event) => at === "end" || event.at <= at);
      await write(terminal, shown.map(({ text }) => text).join(""));
      return screenSvg(terminal, title, true);
    }
    return animated(await shotsOf(cast, terminal, idle), cast, title);
  } finally {
    terminal.dispose();
  }
}

const write = (terminal: Terminal, text: string) => new Promise<void>((done) => terminal.write(text, done));

/** The screens that follow each other, each at its time without what is cut. */
async function shotsOf({ events, height }: CastFile, terminal: Terminal, idle: number): Promise<Shot[]> {
  const shots: Shot[] = [{ at: 0, rows: Array.from({ length: height }, () => "") }];
  let cut = 0;
  let before = 0;
  for (let index = 0; index < events.length; index++) {
    const { at, text } = events[index]!;
    cut += Math.max(0, at - before - idle);
    before = at;
    await write(terminal, text);
    const next = events[index + 1];
    if (next && next.at - at < frameTime && next.at - cut - shots.at(-1)!.at < frameTime) continue;
    const rows = screenRows(terminal);
    if (rows.join("\n") === shots.at(-1)!.rows.join("\n")) continue;
    if (shots.length >= mostFrames)
      throw new EngineError("invalid", `cannot draw more than ${mostFrames} frames`, { hint: "draw a moment of it: --at 2s" });
    shots.push({ at: at - cut, rows });
  }
  return shots;
}

/** Frames side by side, which a window moves along; rows that recur are there once. */
function animated(shots: readonly Shot[], { width }: CastFile, title: string): string {
  const ids = new Map<string, string>();
  const step = Math.ceil(width * cell.width);
  const frames = shots.map(({ rows }, frame) => {
    const uses = rows.map((row, at) => {
      if (row === "") return "";
      if (!ids.has(row)) ids.set(row, `r${ids.size}`);
      return `<use href="#${ids.get(row)}" y="${at * cell.height}"/>`;
    });
    return `<g transform="translate(${frame * step} 0)">${uses.join("")}</g>`;
  });
  const duration = Math.max(shots.at(-1)!.at, frameTime) + pause;
  const percent = (at: number) => `${((at / duration) * 100).toFixed(3)}%`;
  const keyframes = shots.map(({ at }, frame) => `${percent(at)}{transform:translateX(${-frame * step}px)}`);
  const last = `transform:translateX(${-(shots.length - 1) * step}px)`;
  const style = `<style>
@keyframes play{${keyframes.join("")}100%{${last}}}
.strip{${last};animation:play ${duration.toFixed(2)}s step-end infinite}
@media (prefers-reduced-motion:reduce){.strip{animation:none;${last}}}
</style>
`;
  const rows = [...ids].map(([row, id]) => `<g id="${id}">${row}</g>`);
  return windowSvg(
    { cols: width, rows: usedRows(shots.map(({ rows: each }) => each)) },
    title,
    `<defs>\n${rows.join("\n")}\n</defs>\n<g class="strip">\n${frames.join("\n")}\n</g>`,
    style,
  );
}
