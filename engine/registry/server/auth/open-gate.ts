/** The gate as its files describe it. */
import { readFileSync } from "node:fs";
import { EngineError } from "../../../errors.ts";
import { Gate } from "./gate.ts";
import { anonymousPull, Rules, usualRules } from "./rules.ts";
import { parseRules } from "./rules-file.ts";
import { Tokens } from "./tokens.ts";
import { Users } from "./users.ts";

export interface GateFiles {
  htpasswd: string;
  /** YAML; without, whoever has a password may do everything. */
  rules?: string;
  /** Everybody may pull everything. */
  anonymousPull: boolean;
  /** "http" or "https", as clients see it. */
  scheme: string;
}

/** @throws EngineError `invalid` with the place of what is wrong, and for files that cannot be read */
export async function openGate({ htpasswd, rules, anonymousPull: isOpen, scheme }: GateFiles): Promise<Gate> {
  const users = named(htpasswd, () => new Users(htpasswd));
  const given =
    rules === undefined
      ? usualRules
      : await parseRules(
          named(rules, () => readFileSync(rules, "utf8")),
          rules,
        );
  return new Gate({ users, tokens: new Tokens(), rules: new Rules(isOpen ? [...given, anonymousPull] : given), scheme });
}

function named<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("invalid", `cannot read "${file}": ${(cause as Error).message}`, { cause, hint: "name a file that can be read" });
  }
}
