/** Ids and names of containers. */
import { EngineError } from "../../errors.ts";
import { qualities, vessels } from "../../generated-names.ts";
import { randomBelow, randomHex } from "../../sys/random.ts";

/** 64 hex digits. Twelve that are all decimal would make a host name that resolvers take for a number. */
export function newId(): string {
  for (;;) {
    const id = randomHex(32);
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

/** "brave_schooner"; `attempt` above 0 adds digits, for when many are taken. */
export function randomName(attempt = 0): string {
  const pick = (words: readonly string[]) => words[randomBelow(words.length)]!;
  return `${pick(qualities)}_${pick(vessels)}${attempt > 0 ? randomBelow(10 ** attempt) : ""}`;
}

/**
 * @returns the name without the leading "/"
 * @throws EngineError `invalid`
 */
export function checkName(name: string): string {
  const bare = name.replace(/^\//, "");
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(bare) && bare.length <= 255) return bare;
  throw new EngineError("invalid", `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, {
    exit: 125,
    hint: "choose a name of at least two such characters",
  });
}

export function nameConflict(name: string, holder: string): EngineError {
  return new EngineError(
    "conflict",
    `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
    {
      exit: 125,
      hint: `remove it with 'berth rm ${name}', or choose another name`,
    },
  );
}
