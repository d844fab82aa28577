/**
 * What a running `compose` command does to each service: pulls, builds, creations, starts, waits, from the events of the command.
 * The lists draw it in the place of the state; it is gone with the command.
 */
import type { ProgressEvent } from "../../engine/index.ts";
import type { Resolved } from "../../src/commands/execute.ts";
import { groupInput, listOf, textOf } from "../../src/commands/flag-values.ts";
import type { AppState } from "../state.ts";
import type { Store } from "../store.ts";
import type { Tone } from "../theme.ts";
import type { ProjectRow, ServiceEntry } from "./project.ts";

export interface ServiceProgress {
  /** "pulling 34%", "building 2/5 RUN make". */
  text: string;
  tone: Tone;
}

export interface ProjectProgress {
  /** "up". */
  verb: string;
  services: ReadonlyMap<string, ServiceProgress>;
  /** Containers, images, networks and volumes that are through, of those that were heard of. */
  done: number;
  total: number;
}

/** By the name of the project. */
export type Progress = ReadonlyMap<string, ProjectProgress>;

/** Milliseconds between two drawings: a pull tells of itself a thousand times a second. */
const frame = 50;

export class ProgressMeter {
  readonly #store: Store<AppState>;
  readonly #running = new Set<Follower>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store<AppState>) {
    this.#store = store;
  }

  /** undefined for a command that is none of a known project. */
  begin({ path, input }: Resolved): { event(event: ProgressEvent): void; end(): void } | undefined {
    const [group, verb = ""] = path.split(" ");
    if (group !== "compose") return undefined;
    const flags = groupInput(input);
    const named = textOf(flags, "project-name");
    if (named === undefined && listOf(flags, "file").length > 0) return undefined;
    const rows = this.#store.get().lists.projects.rows as readonly ProjectRow[];
    const row = named === undefined ? rows.find(({ isHere }) => isHere) : rows.find(({ name }) => name === named);
    if (!row) return undefined;
    const follower = new Follower(row.name, verb, row.services);
    this.#running.add(follower);
    return {
      event: (event) => {
        if (follower.take(event)) this.#timer ??= setTimeout(() => this.#show(), frame);
      },
      end: () => {
        this.#running.delete(follower);
        this.#show();
      },
    };
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#store.set({ progress: new Map([...this.#running].map((each) => [each.project, each.state()])) });
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

/** One command. */
class Follower {
  readonly project: string;
  readonly #verb: string;
  readonly #known: readonly ServiceEntry[];
  readonly #services = new Map<string, ServiceProgress>();
  readonly #objects = new Map<string, boolean>();
  /** Bytes of the layers of each image. */
  readonly #pulls = new Map<string, Map<string, { current: number; total: number }>>();

  constructor(project: string, verb: string, known: readonly ServiceEntry[]) {
    this.project = project;
    this.#verb = verb;
    this.#known = known;
  }

  state(): ProjectProgress {
    const done = [...this.#objects.values()].filter(Boolean).length;
    return { verb: this.#verb, services: new Map(this.#services), done, total: this.#objects.size };
  }

  /** @returns whether it says something */
  take(event: ProgressEvent): boolean {
    if (event.type === "resource") this.#resource(event);
    else if (event.type === "transfer" && event.of !== undefined) this.#transfer(event.of, event);
    else if (event.type === "step" && event.status === "started") this.#step(event);
    else return false;
    return true;
  }

  #resource({ kind, name, status, state }: Extract<ProgressEvent, { type: "resource" }>): void {
    this.#objects.set(`${kind} ${name}`, state !== "working");
    const tone: Tone = state === "working" ? "busy" : state === "done" ? "good" : "bad";
    const services = kind === "Container" ? this.#ofContainer(name) : kind === "Image" ? this.#ofImage(name) : [];
    for (const service of services) this.#services.set(service, { text: status.toLowerCase(), tone });
  }

  #transfer(image: string, { id, current = 0, total = 0 }: Extract<ProgressEvent, { type: "transfer" }>): void {
    const layers = this.#pulls.get(image) ?? new Map<string, { current: number; total: number }>();
    this.#pulls.set(image, layers);
    if (total > 0) layers.set(id, { current, total });
    const sum = (key: "current" | "total") => [...layers.values()].reduce((all, layer) => all + layer[key], 0);
    const percent = layers.size > 0 ? ` ${Math.floor((100 * sum("current")) / sum("total"))}%` : "";
    for (const service of this.#ofImage(image)) this.#services.set(service, { text: `pulling${percent}`, tone: "busy" });
  }

  /** "[web deps 2/5] RUN make": builds stand apart by the service's name. */
  #step({ id, name }: Extract<ProgressEvent, { type: "step" }>): void {
    const service = id.slice(0, id.indexOf(" "));
    const [, inside = "", step = ""] = /^\[(.*?)\] (.*)$/.exec(name) ?? [];
    const place = /\d+\/\d+$/.exec(inside)?.[0];
    if (place) this.#services.set(service, { text: `building ${place} ${step}`, tone: "busy" });
  }

  /** "PROJECT-web-1", also as it is called until it takes another's place, or a name of its own. */
  #ofContainer(name: string): string[] {
    const own = this.#known.find(({ service }) => service?.container_name === name);
    if (own) return [own.name];
    const plain = name.replace(/^[0-9a-f]{12}_/, "");
    const [, service] = plain.startsWith(`${this.project}-`) ? (/^(.+)-\d+$/.exec(plain.slice(this.project.length + 1)) ?? []) : [];
    return service === undefined ? [] : [service];
  }

  #ofImage(reference: string): string[] {
    return this.#known.filter(({ name, service }) => (service?.image ?? `${this.project}-${name}`) === reference).map(({ name }) => name);
  }
}
