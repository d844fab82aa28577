/**
 * Who is told of what happened: each by a queue of its own, one after the other, again and again until it is heard. No request waits for
 * that, and what nobody takes is forgotten in the end.
 */
import { setTimeout as delay } from "node:timers/promises";
import { request } from "../../../http/request.ts";
import { repositoryGlob } from "../../../image/documents/index.ts";
import { type Doing, type EventAction, envelopeOf, eventsType, type Happening } from "./event.ts";

export interface WebhookRule {
  url: URL;
  /** All without. */
  events?: readonly EventAction[];
  repositories?: readonly string[];
  /** Secrets may be in them. */
  headers?: Record<string, string>;
  /** Milliseconds that an answer may take. */
  timeout?: number;
}

export interface WebhookTimes {
  /** Milliseconds before the second try; twice as long before each further one. */
  firstPause: number;
  longestPause: number;
  /** Milliseconds that what waits has when the registry stops. */
  patience: number;
}

const usualTimes: WebhookTimes = { firstPause: 1000, longestPause: 60_000, patience: 2000 };
/** Events that wait for one of them. */
const queueLimit = 1000;
/** Tries for one event: with the usual pauses more than six minutes. */
const tries = 12;
const usualTimeout = 5000;

export class Webhooks implements AsyncDisposable {
  readonly #hooks: Webhook[];

  /** @param warn told of what is forgotten; not of what is in it */
  constructor(rules: readonly WebhookRule[], warn: (text: string) => void, times = usualTimes) {
    this.#hooks = rules.map((rule) => new Webhook(rule, warn, times));
  }

  tell(happening: Happening, doing: Doing): void {
    const hooks = this.#hooks.filter((hook) => hook.wants(happening.action, doing.repository));
    if (hooks.length === 0) return;
    const text = JSON.stringify(envelopeOf(happening, doing));
    for (const hook of hooks) hook.add(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hooks.map((hook) => hook.close()));
  }
}

class Webhook {
  readonly #rule: WebhookRule;
  readonly #warn: (text: string) => void;
  readonly #times: WebhookTimes;
  readonly #names: RegExp[];
  readonly #stop = new AbortController();
  #queue: string[] = [];
  #forgotten = 0;
  #working: Promise<void> | undefined;

  constructor(rule: WebhookRule, warn: (text: string) => void, times: WebhookTimes) {
    this.#rule = rule;
    this.#warn = warn;
    this.#times = times;
    this.#names = (rule.repositories ?? ["**"]).map(repositoryGlob);
  }

  wants(action: EventAction, repository: string): boolean {
    const { events } = this.#rule;
    return (events === undefined || events.includes(action)) && this.#names.some((name) => name.test(repository));
  }

  /** The oldest goes where there is no room: what is new says more of how things are. */
  add(text: string): void {
    this.#queue.push(text);
    if (this.#queue.length > queueLimit) {
      this.#queue.shift();
      this.#forget("it takes them too slowly");
    }
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (let text = this.#queue.shift(); text !== undefined && !this.#stop.signal.aborted; text = this.#queue.shift()) {
      const why = await this.#deliver(text);
      if (why === undefined) this.#forgotten = 0;
      else this.#forget(why);
    }
  }

  /** Said once for each time that it is away. */
  #forget(why: string): void {
    if (this.#forgotten++ > 0) return;
    this.#warn(`events for ${this.#rule.url.origin} are lost: ${why}`);
  }

  /** @returns why it was given up; undefined when it was heard */
  async #deliver(text: string): Promise<string | undefined> {
    const { firstPause, longestPause } = this.#times;
    const { signal } = this.#stop;
    for (let at = 0, why = ""; ; at++) {
      if (at === tries || signal.aborted) return why || "the registry stops";
      if (at > 0) await delay(Math.min(longestPause, firstPause * 2 ** (at - 1)), undefined, { signal }).catch(() => {});
      if (signal.aborted) return why || "the registry stops";
      try {
        const status = await this.#send(text);
        if (status >= 200 && status < 300) return undefined;
        why = `it answers ${status}`;
      } catch (error) {
        why = (error as Error).message;
      }
    }
  }

  async #send(text: string): Promise<number> {
    const { url, headers = {}, timeout = usualTimeout } = this.#rule;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeout)]);
    const body = Buffer.from(text);
    // A redirect would take the headers elsewhere.
    const response = await request(url, {
      method: "POST",
      manual: true,
      body,
      headers: { "content-type": eventsType, ...headers },
      signal,
    });
    response.discard();
    return response.status;
  }

  /** What waits is sent still, if it can be sent soon. */
  async close(): Promise<void> {
    const late = setTimeout(() => this.#stop.abort(), this.#times.patience);
    await this.#working;
    clearTimeout(late);
    this.#stop.abort();
  }
}
