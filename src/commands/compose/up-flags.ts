/** The flags that `up`, `create`, `run` and `scale` share, and what they ask for. */

import type { UpWishes } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { FlagSpec, Input } from "../command.ts";
import { isSet, listOf, textOf } from "../flag-values.ts";
import { timeoutOf } from "./scene.ts";

export const creationFlags: FlagSpec[] = [
  { name: "build", type: "boolean", help: "Build images before starting containers" },
  { name: "no-build", type: "boolean", help: "Build no image, even where it is missing" },
  {
    name: "pull",
    type: "string",
    choices: ["always", "missing", "never", "build", "policy"],
    default: "policy",
    help: "When to pull images",
  },
  { name: "quiet-pull", type: "boolean", help: "Pull without showing progress" },
  { name: "force-recreate", type: "boolean", help: "Make containers anew even if nothing changed" },
  { name: "no-recreate", type: "boolean", help: "Leave containers that exist as they are" },
  { name: "remove-orphans", type: "boolean", help: "Remove containers of services that the files do not have" },
  { name: "scale", type: "list", placeholder: "SERVICE=NUMBER", help: "Number of containers of a service" },
  { name: "yes", short: "y", type: "boolean", help: "Ask nothing" },
  { name: "y", type: "boolean", hidden: true, help: "The older form of --yes" },
];

/** @param named services that the line names */
export function upWishes(input: Input, named: readonly string[]): UpWishes {
  if (isSet(input, "build") && isSet(input, "no-build")) throw conflict("--build", "--no-build");
  if (isSet(input, "force-recreate") && isSet(input, "no-recreate")) throw conflict("--force-recreate", "--no-recreate");
  if (isSet(input, "always-recreate-deps") && isSet(input, "no-recreate")) throw conflict("--always-recreate-deps", "--no-recreate");
  const pull = textOf(input, "pull");
  const recreation = isSet(input, "force-recreate") ? "force" : isSet(input, "no-recreate") ? "never" : "diverged";
  return {
    named,
    recreation,
    dependenciesRecreation: isSet(input, "always-recreate-deps") ? "force" : isSet(input, "no-recreate") ? "never" : "diverged",
    scale: scalesOf(listOf(input, "scale")),
    renewVolumes: isSet(input, "renew-anon-volumes"),
    removeOrphans: isSet(input, "remove-orphans"),
    quietPull: isSet(input, "quiet-pull"),
    quietBuild: isSet(input, "quiet-build"),
    ...timeoutOf(input),
    ...(isSet(input, "build") && { build: "always" as const }),
    ...(isSet(input, "no-build") && { build: "never" as const }),
    ...(pull !== undefined && pull !== "policy" && { pull }),
  };
}

export function conflict(one: string, other: string): EngineError {
  return new EngineError("usage", `${one} and ${other} are incompatible`, { exit: 1 });
}

/** "web=3". @throws EngineError `usage` */
export function scalesOf(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name = "", number = ""] = /^([^=]+)=(\d+)$/.exec(word) ?? [];
      if (name === "") throw new EngineError("usage", `invalid scale "${word}": it is SERVICE=NUMBER`, { exit: 1 });
      return [name, Number(number)] as const;
    }),
  );
}
