/** `berth inspect`: whatever goes by a name — container, image, volume or network — as JSON. */

import { EngineError } from "../../../engine/errors.ts";
import type { Engine } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { asInspected, formatFlag, inspectEach } from "../inspect-each.ts";

type Finder = (engine: Engine, name: string, size: boolean) => Promise<unknown>;

/** In docker's order: the first kind that knows the name wins. */
const finders: Record<string, Finder> = {
  container: (engine, name, size) => engine.containers.inspect(name, { size }),
  image: (engine, name) => engine.images.inspect(name),
  network: (engine, name) => engine.networks.inspect(name),
  volume: (engine, name) => engine.volumes.inspect(name),
};

const spec: CommandSpec<unknown[]> = command<unknown[]>({
  summary: "Return low-level information on any object",
  examples: [
    { line: "berth inspect web", does: "Print all about the container, image, network or volume of that name" },
    { line: "berth inspect -f '{{json .Config.Env}}' --type image python:3.9", does: "Print one field, of an image only" },
  ],
  flags: [
    formatFlag,
    { name: "size", short: "s", type: "boolean", help: "Add total file sizes of containers" },
    {
      name: "type",
      type: "string",
      placeholder: "KIND",
      help: "Look only for a container, image, network or volume",
    },
  ],
  args: [{ name: "NAME|ID", variadic: true, subject: "container" }],
  async *run({ engine }, input) {
    const type = textOf(input, "type");
    if (type !== undefined && !(type in finders)) {
      const known = Object.keys(finders).join(", ");
      throw new EngineError("usage", `unknown type: "${type}": must be one of ${known}`, { exit: 1, hint: "see 'berth inspect --help'" });
    }
    const kinds = type === undefined ? Object.keys(finders) : [type];
    return yield* inspectEach(input.args, (name) => find(engine, name, kinds, isSet(input, "size")));
  },
  ...asInspected,
  complete: async ({ engine }) => (await engine.images.list()).flatMap((image) => image.RepoTags),
});

async function find(engine: Engine, name: string, kinds: string[], size: boolean): Promise<unknown> {
  for (const kind of kinds) {
    try {
      return await finders[kind]!(engine, name, size);
    } catch (error) {
      if (kinds.length === 1 || !(error instanceof EngineError && (error.code === "not-found" || isNoImage(error)))) throw error;
    }
  }
  throw new EngineError("not-found", `Error: No such object: ${name}`);
}

/** A name that no image can have may well be another object's. */
const isNoImage = ({ message }: EngineError) => message.startsWith("invalid reference format");

export default spec;
