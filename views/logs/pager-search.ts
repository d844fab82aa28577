/** Finding in what a pager shows: search, filter, times, what stands out. Long ones run beside the keyboard and can be given up. */
import { toEngineError } from "../../engine/errors.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { parseInstant } from "../../src/format/time.ts";
import type { Notes } from "../notes.ts";
import type { PagerState } from "../state.ts";
import { FilteredSource } from "./filtered.ts";
import { isTimed } from "./line-source.ts";
import { highlightOf } from "./look.ts";
import { endPosition, type PagerLayout, type Position, scroll } from "./pager.ts";
import { patternOf } from "./pattern.ts";
import { findLine, inTurns, matcher } from "./search.ts";

/** The open pager, for who works in it. */
export interface OpenPager {
  get(): PagerState | undefined;
  layout(pager: PagerState): PagerLayout;
  update(change: (pager: PagerState) => Partial<PagerState>): void;
  /** Something behind the state changed. */
  redraw(): void;
}

export class PagerSearch {
  #pager: OpenPager;
  #notes: Notes;
  #searching: AbortController | undefined;
  #filtering: AbortController | undefined;

  constructor(pager: OpenPager, notes: Notes) {
    this.#pager = pager;
    this.#notes = notes;
  }

  search(text: string): void {
    this.#pager.update(() => ({ search: text }));
    if (text) void this.findNext(1, true);
  }

  /** Brings the next match to the top third of the screen. `here` counts the current line too. */
  async findNext(step: 1 | -1, here = false): Promise<void> {
    const pager = this.#pager.get();
    const pattern = pager && patternOf(pager.search);
    if (!pager || !pattern) return;
    this.stop();
    const searching = new AbortController();
    this.#searching = searching;
    const { buffer } = pager;
    const top = this.#top(pager).line;
    const from = here ? (buffer.previous(top) ?? buffer.first - 1) : (pager.match ?? top);
    this.#pager.update(() => ({ busy: "searching" }));
    const found = await findLine(buffer, pattern, from, step, searching.signal);
    if (searching.signal.aborted) return;
    this.#pager.update(() => ({ busy: undefined, match: found }));
    if (found === undefined) this.#notes.info(`"${neutraliseLine(pager.search)}" is not in here`);
    else this.#show(found);
  }

  /** Gives up what is being searched. @returns was there something? */
  stop(): boolean {
    const isBusy = this.#searching !== undefined && this.#pager.get()?.busy !== undefined;
    this.#searching?.abort();
    this.#searching = undefined;
    if (isBusy) this.#pager.update(() => ({ busy: undefined }));
    return isBusy;
  }

  #top(pager: PagerState): Position {
    return pager.follow ? endPosition(pager.buffer, this.#pager.layout(pager)) : pager.top;
  }

  #show(line: number): void {
    this.#pager.update((pager) => {
      const layout = this.#pager.layout(pager);
      const { top } = scroll(pager.buffer, { line, row: 0 }, -Math.floor(layout.height / 3), layout);
      return { follow: false, top };
    });
  }

  /** Only lines with a pattern, or with "!" before it those without; "" is all of them again, around what is in sight. */
  filter(text: string): void {
    const pager = this.#pager.get();
    if (!pager) return;
    this.#filtering?.abort();
    this.stop();
    const inverse = text.startsWith("!");
    const pattern = patternOf(inverse ? text.slice(1) : text);
    const { line } = this.#top(pager);
    if (!pattern) {
      this.#pager.update(({ base, follow }) => ({ buffer: base, filter: undefined, follow, top: { line, row: 0 }, pausedAt: undefined }));
      return;
    }
    const test = matcher(pattern);
    const filtered = new FilteredSource(pager.base, inverse ? (line) => !test(line) : test);
    const filter = { text: inverse ? text.slice(1) : text, inverse };
    this.#pager.update(({ running }) => ({ buffer: filtered, filter, follow: true, running, pausedAt: undefined, match: undefined }));
    this.#filtering = new AbortController();
    void this.#look(filtered, this.#filtering.signal);
  }

  /** Where all of it has been looked at and there is nothing, that is said. */
  async #look(filtered: FilteredSource, signal: AbortSignal): Promise<void> {
    let shown = 0;
    await inTurns(() => {
      const isMore = filtered.step();
      if (performance.now() - shown > 100 || !isMore) {
        shown = performance.now();
        this.#pager.redraw();
      }
      return isMore;
    }, signal);
  }

  /** What stands out from now on; what does already does no more. "" takes all away. */
  highlight(text: string): void {
    this.#pager.update(({ highlights }) => {
      if (!text) return { highlights: [] };
      const one = highlightOf(text, highlights.length);
      const left = highlights.filter(({ pattern }) => pattern.source !== one.pattern.source);
      return { highlights: left.length < highlights.length ? left : [...highlights, one] };
    });
  }

  /** Brings the first line at a time to the top. */
  goTo(text: string): void {
    const time = this.#instant(text, "time");
    const source = this.#pager.get()?.base;
    if (time === undefined || !isTimed(source)) return;
    const line = source.seek(time);
    if (line >= source.end) this.#notes.info("the log ends before that time");
    else this.#pager.update(() => ({ follow: false, top: { line, row: 0 } }));
  }

  /** Only lines since a time, or until one; "" is without that bound. */
  bound(which: "since" | "until", text: string): void {
    const pager = this.#pager.get();
    const source = pager?.base;
    if (!pager || !isTimed(source)) return;
    const words = { since: pager.since, until: pager.until, [which]: text || undefined };
    const times = [words.since, words.until].map((each) => (each === undefined ? undefined : this.#instant(each, which)));
    if (text && times[which === "since" ? 0 : 1] === undefined) return;
    source.clip(times[0], times[1]);
    this.#pager.update(() => ({ ...words, top: { line: source.first, row: 0 }, pausedAt: undefined }));
    if (pager.filter) this.filter(`${pager.filter.inverse ? "!" : ""}${pager.filter.text}`);
  }

  /** RFC 3339 in UTC, of whatever docker takes as a time, or "14:05" of today; undefined after saying that it is none. */
  #instant(text: string, flag: string): string | undefined {
    try {
      return utcTime(parseInstant(ofToday(text.trim(), Date.now()), flag));
    } catch (error) {
      this.#notes.error(toEngineError(error));
      return undefined;
    }
  }

  /** The pager is left. */
  close(): void {
    this.#searching?.abort();
    this.#filtering?.abort();
  }
}

/** "14:05" as a time of the day that it is here, or of the day before when it is still to come. Pure but for the zone. */
function ofToday(text: string, now: number): string {
  if (!/^\d{1,2}:\d{2}(:\d{2})?$/.test(text)) return text;
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  const time = new Date(now);
  time.setHours(hours, minutes, seconds, 0);
  if (time.getTime() > now) time.setDate(time.getDate() - 1);
  return time.toISOString();
}

/** Nanoseconds since the epoch as RFC 3339. */
function utcTime(nanoseconds: bigint): string {
  const second = 1_000_000_000n;
  const whole = new Date(Number(nanoseconds / second) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanoseconds % second).padStart(9, "0")}Z`;
}
