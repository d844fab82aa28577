/** `use HOST` and `on HOST …`: the engines of other hosts, opened once and kept to the end of the session. */
import type { Engine } from "../../../engine/index.ts";
import type { HostChoice } from "../../host-choice.ts";
import type { Frame, Leap } from "../frame/index.ts";
import type { Of, Word } from "../language/index.ts";
import type { Session } from "../session.ts";

export class Hosts {
  readonly #first: Engine;
  readonly #opened = new Map<string, Promise<Engine>>();

  /** @param first the engine that the session began with: "default" */
  constructor(first: Engine) {
    this.#first = first;
  }

  /**
   * @param name an address, a context, "default", or "local" for this machine's own engine
   * @throws EngineError `usage`, `not-found`, `invalid`
   */
  engine(name: string): Promise<Engine> | Engine {
    if (name === "default") return this.#first;
    let opened = this.#opened.get(name);
    if (!opened) {
      opened = open(name, this.#first);
      opened.catch(() => this.#opened.delete(name));
      this.#opened.set(name, opened);
    }
    return opened;
  }

  async close(): Promise<void> {
    for (const opened of this.#opened.values()) {
      const engine = await opened.catch(() => undefined);
      if (engine !== this.#first) await engine?.close();
    }
  }
}

async function open(name: string, first: Engine): Promise<Engine> {
  if (name === "local") return "connection" in first ? (await import("../../../engine/index.ts")).openEngine() : first;
  const choice: HostChoice = name.includes("://") ? { address: name } : { context: name };
  return (await import("../../open-remote.ts")).openChosen(choice, {});
}

const nameOf = (word: Word, { variables, text, place }: Frame) => variables.expandWord(word, text, place.engine);

/** From now on: in a branch of `parallel`, or in `on`, to its end. */
export async function runUse(session: Session, { host }: Of<"use">, frame: Frame): Promise<void> {
  frame.place.engine = await session.hosts.engine(await nameOf(host, frame));
}

/** One statement, or a block of them. */
export async function runOn(session: Session, { host, body }: Of<"on">, frame: Frame): Promise<Leap | undefined> {
  const engine = await session.hosts.engine(await nameOf(host, frame));
  return session.block(body, { ...frame, place: { ...frame.place, engine } });
}
