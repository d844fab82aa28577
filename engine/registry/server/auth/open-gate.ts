/** The gate as its files describe it. */
import { readNamed } from "../settings/open-settings.ts";
import { Gate } from "./gate.ts";
import { anonymousPull, type Rule, Rules, usualRules } from "./rules.ts";
import { Tokens } from "./tokens.ts";
import { Users } from "./users.ts";

export interface GateOptions {
  htpasswd: string;
  /** Without, whoever has a password may do everything. */
  rules?: readonly Rule[];
  /** Everybody may pull everything. */
  anonymousPull: boolean;
  /** "http" or "https", as clients see it. */
  scheme: string;
}

/** @throws EngineError `invalid` with the place of what is wrong, and for a file that cannot be read */
export function openGate({ htpasswd, rules = usualRules, anonymousPull: isOpen, scheme }: GateOptions): Gate {
  const users = readNamed(htpasswd, () => new Users(htpasswd));
  return new Gate({ users, tokens: new Tokens(), rules: new Rules(isOpen ? [...rules, anonymousPull] : rules), scheme });
}
