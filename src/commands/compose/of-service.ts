/** Verbs that are a container's own, for a container that is named by its service. */
import type { CommandSpec, Input } from "../command.ts";
import { isDryRun, refuseDryRun } from "./scene.ts";
import { indexFlag, serviceContainer } from "./service-container.ts";

/** The same command, whose first word is a service. */
export function ofService<Result>(
  spec: CommandSpec<Result>,
  {
    examples,
    running = false,
    summary,
    rehearsed,
    told,
    without = [],
  }: {
    examples: CommandSpec["examples"];
    summary: string;
    running?: boolean;
    /** docker compose's word for it when it is done, all that a dry run has; none: it cannot be without being done. */
    rehearsed?: string;
    /** What is told of its progress, in the place of its result. */
    told?: { begins: string; ends(result: Result): string };
    without?: string[];
  },
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
      const { id, name } = yield* serviceContainer(context, input, service, { running });
      if (rehearsed === undefined) refuseDryRun(input, "run");
      else if (isDryRun(input)) {
        yield { type: "resource", kind: "Container", name, status: rehearsed, state: "done", dryRun: true };
        return undefined as Result;
      }
      const resource = { type: "resource", kind: "Container", name } as const;
      if (told) yield { ...resource, status: told.begins, state: "working" };
      const result = yield* spec.run(context, { ...input, args: [id, ...words] } satisfies Input);
      if (told) yield { ...resource, status: told.ends(result), state: "done" };
      return result;
    },
    present: (result, input) => (isDryRun(input) || told ? { kind: "none" } : (spec.present?.(result, input) ?? { kind: "none" })),
  };
}
