/** `berth events`: what happened, and what happens. */
import { dockerEvent } from "../../../engine/events.ts";
import type { SystemEvent } from "../../../engine/index.ts";
import { parseTime } from "../../format/time.ts";
import { type CommandSpec, command } from "../command.ts";
import { filtersOf, textOf } from "../flag-values.ts";

const spec: CommandSpec<void> = command({
  summary: "Get events in real time, of this and every other process",
  examples: [
    { line: "berth events", does: "Print what happens until Ctrl-C" },
    { line: "berth events --since 1h --until 0s -f type=container -f event=die", does: "List the containers that ended in the last hour" },
  ],
  flags: [
    {
      name: "filter",
      short: "f",
      type: "list",
      placeholder: "KEY=VALUE",
      help: "Show only what matches: type, event, container, image, volume, network, label",
    },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" },
    { name: "since", type: "string", placeholder: "TIME", help: "Begin with past events" },
    { name: "until", type: "string", placeholder: "TIME", help: "End at a time" },
  ],
  args: [],
  endless: (input) => textOf(input, "until") === undefined,
  async *run({ engine, signal }, input) {
    const since = textOf(input, "since");
    const until = textOf(input, "until");
    const to = until === undefined ? undefined : parseTime(until, "until");
    const options = {
      since: since === undefined ? undefined : parseTime(since, "since"),
      until: to,
      filters: filtersOf(input),
      follow: to === undefined || to > Date.now() / 1000,
      signal,
    };
    for await (const event of engine.events(options)) yield { type: "row", value: event };
  },
  blank: { Type: "container", Action: "", Actor: { ID: "", Attributes: {} }, scope: "local", time: 0, timeNano: 0 },
  presentRow(event: SystemEvent, input) {
    const format = textOf(input, "format");
    if (format !== undefined) return { kind: "json", values: [dockerEvent(event)], format, shape: () => "Event" };
    return { kind: "lines", lines: [eventLine(event)] };
  },
});

/** "2024-05-01T12:00:00.000000000Z container start 0123… (image=busybox, name=web)" */
function eventLine({ Action, Actor, Type, timeNano }: SystemEvent): string {
  const attributes = Object.entries(Actor.Attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
  const time = new Date(timeNano / 1e6).toISOString().replace("Z", "000000Z");
  return `${time} ${Type} ${Action} ${Actor.ID}${attributes ? ` (${attributes})` : ""}`;
}

export default spec;
