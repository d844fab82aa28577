/** `berth compose volumes`: the volumes of a project. */
import type { VolumeInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { volumeTable } from "../volume/ls.ts";
import { projectOrMade, requireServices } from "./project.ts";

const spec: CommandSpec<VolumeInspect[]> = command({
  summary: "List a project's volumes",
  examples: [{ line: "berth compose volumes -q db", does: "Name those that a service mounts" }],
  flags: [
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only names" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { observe } = await import("../../../engine/compose/index.ts");
    const { containers, volumes } = await observe(context.engine, project.model.name);
    if (input.args.length === 0) return volumes;
    const used = new Set(
      containers.filter(({ service }) => input.args.includes(service)).flatMap(({ mounts }) => mounts.map(({ Name }) => Name)),
    );
    return volumes.filter(({ Name }) => used.has(Name));
  },
  blank: [],
  present: volumeTable,
});

export default spec;
