/** Verbs that are a container's own, for a container that is named by its service. */
import type { CommandSpec, Input } from "../command.ts";
import { indexFlag, serviceContainer } from "./service-container.ts";

/** The same command, whose first word is a service. */
export function ofService<Result>(
  spec: CommandSpec<Result>,
  {
    examples,
    running = false,
    summary,
    without = [],
  }: { examples: CommandSpec["examples"]; summary: string; running?: boolean; without?: string[] },
): CommandSpec<Result> {
  const { description: _description, ...rest } = spec;
  const [, ...others] = spec.args;
  return {
    ...rest,
    summary,
    examples,
    flags: [indexFlag, ...spec.flags.filter(({ name }) => !without.includes(name))],
    args: [{ name: "SERVICE", subject: "service" }, ...others],
    async *run(context, input) {
      const [service = "", ...words] = input.args;
      const { id } = yield* serviceContainer(context, input, service, { running });
      return yield* spec.run(context, { ...input, args: [id, ...words] } satisfies Input);
    },
  };
}
