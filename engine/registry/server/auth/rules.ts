/** Who may do what to which repositories: rules, of which any that allows it is enough. Pure. */

import { repositoryGlob } from "../../../image/documents/index.ts";

export const permissions = ["pull", "push", "delete"] as const;
export type Permission = (typeof permissions)[number];

export interface Rule {
  /** See `repositoryGlob`. */
  repositories: readonly string[];
  /** Names; "*" is everybody with a password, "anonymous" who shows none. */
  users: readonly string[];
  allow: readonly Permission[];
}

/** Those with a password may do everything. */
export const usualRules: readonly Rule[] = [{ repositories: ["**"], users: ["*"], allow: permissions }];
/** Everybody may pull. */
export const anonymousPull: Rule = { repositories: ["**"], users: ["anonymous"], allow: ["pull"] };

export class Rules {
  readonly #rules: { names: RegExp[]; users: Set<string>; allow: Set<Permission> }[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules.map(({ repositories, users, allow }) => ({
      names: repositories.map(repositoryGlob),
      users: new Set(users),
      allow: new Set(allow),
    }));
  }

  /** Whether who shows no password may pull anything. */
  get hasOpen(): boolean {
    return this.#rules.some(({ users, allow }) => users.has("anonymous") && allow.has("pull"));
  }

  /** @param user undefined for who shows no password */
  allows(user: string | undefined, repository: string, permission: Permission): boolean {
    return this.#rules.some(
      ({ names, users, allow }) =>
        allow.has(permission) &&
        (user === undefined ? users.has("anonymous") : users.has("*") || users.has(user)) &&
        names.some((name) => name.test(repository)),
    );
  }
}
