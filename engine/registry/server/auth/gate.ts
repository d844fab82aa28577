/**
 * Who is asking, and whether they may. A request shows a password (Basic), a token that the registry has given (Bearer), or nothing; who
 * may not is told where tokens are had (docker's "Token Authentication").
 */
import type { Exchange } from "../../../http/exchange.ts";
import type { Action, Answer } from "../call.ts";
import { isRepository } from "../protocol/names.ts";
import { problem } from "../protocol/problem.ts";
import { type Permission, permissions, type Rules } from "./rules.ts";
import { type Access, type Claims, lifetime, type Tokens } from "./tokens.ts";
import type { Users } from "./users.ts";
import type { Visitor } from "./visitor.ts";

export const tokenPath = "/v2/token";
const service = "berth";
/** Repositories that one token may be for. */
const scopeLimit = 100;

interface GateOptions {
  users: Users;
  tokens: Tokens;
  rules: Rules;
  /** "http" or "https", as clients see it. */
  scheme: string;
}

export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @throws EngineError `registry-auth` with 401, `permission` with 403 */
  async admit(exchange: Exchange, repository: string, action: Action): Promise<Visitor> {
    const { rules } = this.#options;
    const shown = await this.#identify(exchange);
    const visitor: Visitor = {
      ...(shown?.user !== undefined && { user: shown.user }),
      may: (name, permission) =>
        rules.allows(shown?.user, name, permission) &&
        (shown?.claims === undefined || covers(shown.claims, name, permission) || (action === "list" && coversCatalog(shown.claims))),
    };
    if (action === "list" && !shown && !rules.hasOpen) throw this.#challenge(exchange, "to list the repositories, log in", catalogScope);
    if (action === "list" || action === "look" || (action === "none" && shown)) return visitor;
    if (action === "none") throw this.#challenge(exchange, "log in first");
    if (visitor.may(repository, action)) return visitor;
    if (shown?.user !== undefined && !rules.allows(shown.user, repository, action))
      throw problem("DENIED", `"${shown.user}" may not ${action} "${repository}"`);
    throw this.#challenge(exchange, `to ${action} "${repository}", log in`, scopeOf(repository, action));
  }

  /** The token endpoint: what was asked for, as far as it is allowed. */
  async giveToken(exchange: Exchange, query: URLSearchParams): Promise<Answer> {
    const { rules, tokens } = this.#options;
    const user = exchange.headers.authorization === undefined ? undefined : await this.#basic(exchange.headers.authorization);
    if (user === undefined && exchange.headers.authorization !== undefined) throw wrongPassword();
    const access = query
      .getAll("scope")
      .flatMap((text) => text.split(" "))
      .slice(0, scopeLimit)
      .flatMap((scope): Access[] => {
        if (scope === catalogScope) return [catalogAccess];
        const asked = parseScope(scope);
        const actions = asked?.actions.filter((each) => rules.allows(user, asked.name, each)) ?? [];
        return asked && actions.length > 0 ? [{ type: "repository", name: asked.name, actions }] : [];
      });
    const token = tokens.issue({ ...(user !== undefined && { sub: user }), access });
    const value = { token, access_token: token, expires_in: lifetime, issued_at: new Date().toISOString() };
    return { status: 200, value, headers: { "Cache-Control": "no-store" } };
  }

  /** undefined for who shows nothing. @throws EngineError `registry-auth` for what is wrong */
  async #identify(exchange: Exchange): Promise<{ user?: string; claims?: Claims } | undefined> {
    const header = exchange.headers.authorization;
    if (header === undefined) return undefined;
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
    if (token === undefined) {
      const user = await this.#basic(header);
      if (user === undefined) throw wrongPassword();
      return { user };
    }
    const claims = this.#options.tokens.read(token);
    const isGone = claims?.sub !== undefined && !this.#options.users.has(claims.sub);
    if (!claims || isGone) throw this.#challenge(exchange, "the token is not valid, or not any more", undefined, "invalid_token");
    return { ...(claims.sub !== undefined && { user: claims.sub }), claims };
  }

  async #basic(header: string): Promise<string | undefined> {
    const encoded = /^Basic +(\S+)$/i.exec(header)?.[1] ?? "";
    const [, user = "", password = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
    return user !== "" && (await this.#options.users.verify(user, password)) ? user : undefined;
  }

  #challenge({ headers }: Exchange, message: string, scope?: string, error?: string) {
    const host = /^[\w.:[\]-]+$/.exec(headers.host ?? "")?.[0] ?? "localhost";
    const realm = `${this.#options.scheme}://${host}${tokenPath}`;
    const parameters = { realm, service, ...(scope && { scope }), ...(error && { error }) };
    const text = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
    return problem("UNAUTHORIZED", message, { headers: { "WWW-Authenticate": `Bearer ${text.join(",")}` } });
  }
}

const wrongPassword = () =>
  problem("UNAUTHORIZED", "the user name or the password is wrong", { headers: { "WWW-Authenticate": `Basic realm="${service}"` } });

function covers({ access }: Claims, name: string, permission: Permission): boolean {
  return access.some((each: Access) => each.type === "repository" && each.name === name && each.actions.includes(permission));
}

/** Docker's, for who lists the repositories: those that the rules let one pull. */
const catalogAccess: Access = { type: "registry", name: "catalog", actions: ["*"] };
const catalogScope = "registry:catalog:*";
const coversCatalog = ({ access }: Claims) => access.some(({ type, name }) => type === "registry" && name === "catalog");

const scopeOf = (name: string, permission: Permission) => `repository:${name}:${permission === "push" ? "pull,push" : permission}`;

/** "repository:team/app:pull,push"; others are nothing that is given here. */
function parseScope(scope: string): { name: string; actions: Permission[] } | undefined {
  const [, name = "", actions = ""] = /^repository:([^:]+):([\w,*]+)$/.exec(scope) ?? [];
  if (!isRepository(name)) return undefined;
  const asked = actions.split(",");
  return { name, actions: permissions.filter((each) => asked.includes(each) || asked.includes("*")) };
}
