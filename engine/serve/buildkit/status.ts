/**
 * A build's events as BuildKit tells of them: steps are vertexes, known by digests. What is told goes to the first who asks, at their
 * pace; until somebody asks it is kept, though not without limit.
 */

import { createHash } from "node:crypto";
import { aborted } from "../../aborted.ts";
import type { BuildEvent, BuildLogEvent, BuildStatusEvent, BuildStepEvent, WarningEvent } from "../../events.ts";
import { statusResponse } from "./messages.ts";
import type { Encoded } from "./wire.ts";

type Status = Encoded<typeof statusResponse>;

/** Bytes that are kept for who has not asked yet. */
const keptAtMost = 8 << 20;

type Send = (message: Uint8Array) => Promise<void>;

export class StatusFeed {
  readonly #words: StatusWords;
  #kept: Uint8Array[] = [];
  #size = 0;
  #send: Send | undefined;
  readonly #over = Promise.withResolvers<void>();

  /** @param ref the build's: digests are not to be another's */
  constructor(ref: string) {
    this.#words = new StatusWords(ref);
  }

  async tell(event: BuildEvent): Promise<void> {
    const status = this.#words.of(event);
    if (!status) return;
    const message = statusResponse.encode(status);
    if (this.#send) return this.#send(message);
    if ((this.#size += message.length) <= keptAtMost) this.#kept.push(message);
  }

  /** Nothing follows. */
  end(): void {
    this.#over.resolve();
  }

  /** Sends what was told and is told, to the end or until the signal. One listener; a later one takes its place. */
  async listen(send: Send, signal: AbortSignal): Promise<void> {
    const kept = this.#kept;
    this.#kept = [];
    let before = Promise.resolve();
    // What is told while the kept ones are sent waits for them.
    const inTurn: Send = (message) => (before = before.then(() => send(message)));
    this.#send = inTurn;
    for (const message of kept) void inTurn(message);
    await Promise.race([this.#over.promise, aborted(signal)]);
    if (this.#send === inTurn) this.#send = async () => {};
    if (!signal.aborted) await before;
  }
}

/** A feed of what is said once more. */
export async function replayStatus(events: AsyncIterable<BuildEvent>, ref: string, send: Send, signal: AbortSignal): Promise<void> {
  const feed = new StatusFeed(ref);
  const telling = feed.listen(send, signal);
  for await (const event of events) await feed.tell(event);
  feed.end();
  await telling;
}

const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** Remembers what a later event does not say again. */
class StatusWords {
  readonly #ref: string;
  readonly #steps = new Map<string, { name: string; started: number }>();
  readonly #counters = new Map<string, number>();
  #last: string | undefined;

  constructor(ref: string) {
    this.#ref = ref;
  }

  /** undefined for what clients are not told. */
  of(event: BuildEvent): Status | undefined {
    if (event.type === "step") return { vertexes: [this.#vertex(event)] };
    if (event.type === "step-log") return { logs: [this.#log(event)] };
    if (event.type === "step-status") return { statuses: [this.#counter(event)] };
    return event.type === "warning" ? { warnings: [this.#warning(event)] } : undefined;
  }

  #digest = (id: string) => digestOf(`${this.#ref} ${id}`);

  #vertex({ id, name, status, time, error }: BuildStepEvent) {
    const started = this.#steps.get(id)?.started ?? time;
    this.#steps.set(id, { name, started });
    const digest = (this.#last = this.#digest(id));
    return {
      ...{ digest, name, started },
      ...(status === "cached" && { cached: true }),
      ...(status !== "started" && { completed: time }),
      ...((status === "failed" || status === "cancelled") && { error: status === "cancelled" ? "context canceled" : (error ?? status) }),
    };
  }

  #log({ id, stream, data, time = Date.now() }: BuildLogEvent) {
    return { vertex: this.#digest(id), timestamp: time, stream: stream === "stdout" ? 1 : 2, msg: data };
  }

  #counter({ id, name, current, total, done }: BuildStatusEvent) {
    const timestamp = Date.now();
    const key = `${id} ${name}`;
    const started = this.#counters.get(key) ?? timestamp;
    this.#counters.set(key, started);
    return {
      ...{ ID: name, name, vertex: this.#digest(id), current, timestamp, started },
      ...(total !== undefined && { total }),
      ...(done && { completed: timestamp }),
    };
  }

  /** Clients show it beside a step: the Dockerfile's. */
  #warning({ text, rule, location }: WarningEvent) {
    const short = Buffer.from(rule === undefined ? text : `${rule}: ${text}`);
    const { file = "", line = 0, endLine = line, source } = location ?? {};
    return {
      ...{ vertex: this.#last ?? this.#digest(""), level: 1, short },
      ...(rule !== undefined && { url: ruleUrl(rule) }),
      ...(source !== undefined && { info: { filename: file, data: Buffer.from(source), language: "Dockerfile" } }),
      ...(line > 0 && { ranges: [{ start: { line }, end: { line: endLine } }] }),
    };
  }
}

/** BuildKit's rules are explained where docker's clients point to. */
const ruleUrl = (rule: string) => `https://docs.docker.com/go/dockerfile/rule/${rule.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}/`;
