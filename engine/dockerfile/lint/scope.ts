/** Variables of a stage over those of the stage it begins from: a chain, so that a thousand stages do not copy each other. */

export class Scope {
  private readonly own = new Map<string, string>();
  /** ARGs without a value: they may be used, and are empty. */
  private readonly declared = new Set<string>();
  private readonly parent: Scope | undefined;

  constructor(parent?: Scope, variables: Iterable<readonly [string, string]> = []) {
    this.parent = parent;
    for (const [name, value] of variables) this.own.set(name, value);
  }

  get(name: string): string | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      const value = scope.own.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  set(name: string, value: string): this {
    this.own.set(name, value);
    return this;
  }

  declare(name: string): void {
    this.declared.add(name);
  }

  isDeclared(name: string): boolean {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) if (scope.declared.has(name)) return true;
    return false;
  }

  /** Names that have a value, the stage's own first. */
  *names(): Generator<string> {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) yield* scope.own.keys();
  }
}
