/** What happens on a host. */
import type { EventsOptions, SystemEvent } from "../events.ts";
import { jsonLines } from "./link/lines.ts";
import type { Link } from "./link/link.ts";
import { complete, MapOf } from "./link/template.ts";

const event = {
  Type: "container" as SystemEvent["Type"],
  Action: "",
  Actor: { ID: "", Attributes: new MapOf("") },
  time: 0,
  timeNano: 0,
};

let counter = 0;

/** Pure but for the number. */
function toEvent(value: unknown): SystemEvent {
  const { Type, Action, Actor, time, timeNano } = complete(event, value, "an event");
  return { seq: ++counter, Type, Action, Actor, scope: "local", time, timeNano };
}

/** See engine.ts. */
export async function* readEvents(link: Link, options: EventsOptions = {}): AsyncGenerator<SystemEvent> {
  const { filters = {}, since, until, follow = false, onListening, signal } = options;
  // What only looks back ends at once, by the host's clock: behind the last millisecond, of which a part is over.
  const now = (Date.now() + (await link.peer()).ahead + 2) / 1000;
  const end = follow ? until : Math.min(until ?? now, now);
  const query = { filters, since: seconds(follow ? since : (since ?? 0)), until: seconds(end) };
  try {
    const answer = await link.request("GET", "/events", { query, signal, takesLong: true });
    onListening?.();
    for await (const value of jsonLines(link, answer, "an event")) yield link.reading(() => toEvent(value));
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

const seconds = (time: number | undefined) => time?.toFixed(3);
