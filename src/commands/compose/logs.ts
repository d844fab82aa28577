/** `berth compose logs`: what a project's containers wrote, in the order of time. */
import type { Seen } from "../../../engine/compose/index.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { parseInstant } from "../../format/time.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { isSet, numberOf, textOf } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";
import { inScene, isColoured } from "./scene.ts";
import { serviceContainer } from "./service-container.ts";

const spec: CommandSpec<void> = command({
  summary: "Show what containers of services wrote",
  description: "Lines stand in the order of their times, whichever container they come from.",
  examples: [
    { line: "berth compose logs -f web worker", does: "Follow two services" },
    { line: "berth compose logs --since 10m -t", does: "Print the last ten minutes of all, with times" },
  ],
  flags: [
    { name: "follow", short: "f", type: "boolean", help: "Follow the output" },
    { name: "index", type: "number", placeholder: "NUMBER", help: "Of this container of the service alone" },
    { name: "no-color", type: "boolean", help: "Show prefixes without colours" },
    { name: "no-log-prefix", type: "boolean", help: "Show no prefixes" },
    { name: "since", type: "string", placeholder: "TIME", help: "Show logs since a time, or since a duration before now" },
    {
      name: "tail",
      short: "n",
      type: "string",
      default: "all",
      placeholder: "LINES",
      help: "Number of lines to show from the end of each",
    },
    { name: "timestamps", short: "t", type: "boolean", help: "Show times" },
    { name: "until", type: "string", placeholder: "TIME", help: "Show logs before a time, or before a duration before now" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  endless: (input) => isSet(input, "follow"),
  async *run(context, input): AsyncGenerator<ProgressEvent, void> {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { showLogs } = await import("../../../engine/compose/index.ts");
    const index = numberOf(input, "index");
    const isChosen = ({ service, number, oneOff }: Seen) =>
      !oneOff && (input.args.length === 0 || input.args.includes(service)) && (index === undefined || number === index);
    const [service = ""] = input.args;
    if (index !== undefined && service !== "") yield* serviceContainer(context, input, service, { withOneOffs: false });
    yield* inScene(context, input, project, (scene) =>
      showLogs(scene, isChosen, { ...rangeOf(input), follow: isSet(input, "follow") }, lookOf(context, input)),
    );
  },
});

function lookOf(context: Context, input: Input) {
  return { colours: isColoured(context, input), prefixes: !isSet(input, "no-log-prefix"), timestamps: isSet(input, "timestamps") };
}

function rangeOf(input: Input): { since?: bigint; until?: bigint; tail?: number } {
  const since = textOf(input, "since");
  const until = textOf(input, "until");
  const tail = textOf(input, "tail") ?? "all";
  return {
    ...(since !== undefined && { since: parseInstant(since, "since") }),
    ...(until !== undefined && { until: parseInstant(until, "until") }),
    ...(/^\d+$/.test(tail) && { tail: Number(tail) }),
  };
}

export default spec;
