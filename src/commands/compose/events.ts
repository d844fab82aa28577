/** `berth compose events`: what happens to a project's containers. */
import type { SystemEvent } from "../../../engine/index.ts";
import { parseTime } from "../../format/time.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";

const spec: CommandSpec<void> = command({
  summary: "Get the events of a project's containers in real time",
  examples: [
    { line: "berth compose events --json", does: "Print them as JSON objects until Ctrl-C" },
    { line: "berth compose events --since 1h --until 0s web", does: "List what happened to a service in the last hour" },
  ],
  flags: [
    { name: "since", type: "string", placeholder: "TIME", help: "Begin with past events" },
    { name: "until", type: "string", placeholder: "TIME", help: "End at a time" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  endless: (input) => textOf(input, "until") === undefined,
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { label } = await import("../../../engine/compose/index.ts");
    const since = textOf(input, "since");
    const until = textOf(input, "until");
    const to = until === undefined ? undefined : parseTime(until, "until");
    const options = {
      filters: { type: ["container"], label: [`${label.project}=${project.model.name}`] },
      follow: to === undefined || to > Date.now() / 1000,
      signal: context.signal,
      ...(since !== undefined && { since: parseTime(since, "since") }),
      ...(to !== undefined && { until: to }),
    };
    for await (const event of context.engine.events(options)) {
      const service = event.Actor.Attributes[label.service] ?? "";
      if (input.args.length === 0 || input.args.includes(service)) yield { type: "row", value: eventOf(event, service) };
    }
  },
  presentRow(event: ProjectEvent) {
    return { kind: "lines", lines: [eventLine(event)] };
  },
});

interface ProjectEvent {
  time: string;
  type: string;
  service: string;
  id: string;
  action: string;
  attributes: Record<string, string>;
}

/** Without the labels that compose itself gave. */
function eventOf({ Action, Actor, timeNano }: SystemEvent, service: string): ProjectEvent {
  const own = Object.entries(Actor.Attributes).filter(([key]) => !key.startsWith("com.docker.compose."));
  return {
    time: new Date(timeNano / 1e6).toISOString(),
    type: "container",
    service,
    id: Actor.ID,
    action: Action,
    attributes: Object.fromEntries(own),
  };
}

function eventLine({ action, attributes, id, time }: ProjectEvent): string {
  const text = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
  return `${time.replace("T", " ").replace("Z", "000")} container ${action} ${id} (${text.join(", ")})`;
}

export default spec;
