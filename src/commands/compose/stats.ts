/** `berth compose stats`: what a project's containers use, once or live. */
import { command } from "../command.ts";
import stats from "../container/stats.ts";
import { isSet } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";

const spec: typeof stats = command({
  ...stats,
  summary: "Display what a project's containers use",
  examples: [{ line: "berth compose stats --no-stream", does: "Print one sample of each" }],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { isUp, observeContainers } = await import("../../../engine/compose/index.ts");
    const all = await observeContainers(context.engine, project.model.name);
    const chosen = all.filter(
      (seen) => (input.args.length === 0 || input.args.includes(seen.service)) && (isSet(input, "all") || isUp(seen)),
    );
    if (chosen.length === 0) return [];
    return yield* stats.run(context, { ...input, args: chosen.map(({ id }) => id) });
  },
});

export default spec;
