/** Lint: BuildKit's build checks by their own names, and berth's (build checks reference; `berth build --check`). */
import { EngineError } from "../../errors.ts";
import { parseTolerantly } from "../parse.ts";
import type { Dockerfile } from "../types.ts";
import { type Analysis, analyse } from "./analysis.ts";
import { type CheckConfig, mergeConfigs, parseCheckConfig, tryConfig } from "./config.ts";
import type { Finding, LintOptions, Rule } from "./rule.ts";
import { rules } from "./table.ts";

export { type Analysis, analyse, type BaseImage, type StageAnalysis } from "./analysis.ts";
export { parseCheckConfig } from "./config.ts";
export type { LintOptions } from "./rule.ts";
export { rules } from "./table.ts";

export interface LintResult {
  /** By line, then in the table's order. */
  findings: Finding[];
  /** What a build would reject: found by parsing or by expanding variables. */
  error?: EngineError;
  /** With `# check=error=true` and findings: what the build fails with. */
  violation?: EngineError;
}

/**
 * Lints a parsed Dockerfile.
 * @throws EngineError for a malformed `# check=` directive
 */
export function lint(dockerfile: Dockerfile, options: LintOptions = {}): LintResult {
  const { check } = dockerfile.directives;
  const config = parseCheckConfig(options.check ?? check?.value ?? "", options.check === undefined ? check?.location : undefined);
  const analysis = analyse(dockerfile, options);
  const stages = analysis.stages.filter(({ stage }) => options.stages?.has(stage.index) ?? true);
  const limited = { ...dockerfile, stages: stages.map(({ stage }) => stage) };
  const scope = { config, local: localConfigs(dockerfile, config), options };
  const findings = rules.flatMap((rule) =>
    rule.everywhere ? apply(rule, dockerfile, analysis, scope) : apply(rule, limited, { ...analysis, stages }, scope),
  );
  findings.sort((one, other) => one.line - other.line);
  return { findings, ...(analysis.error ? { error: analysis.error } : {}), ...violationOf(dockerfile, findings, config) };
}

/**
 * Lints a text as far as it parses: `--check`. Berth's own rules are on unless the options say otherwise.
 * @throws EngineError for a malformed `# check=` directive
 */
export function checkDockerfile(source: string, options: LintOptions & { file: string }): LintResult {
  const { dockerfile, error } = parseTolerantly(source, { file: options.file });
  const result = lint(dockerfile, { berth: true, ...options });
  return error ? { ...result, error } : result;
}

/** An experimental rule that is asked for stays on through skip=all, as in BuildKit. */
function isOn(rule: Rule, config: CheckConfig, options: LintOptions): boolean {
  if (rule.experimental) return config.experimentalAll || config.experimental.has(rule.name);
  if (rule.origin === "berth" && !options.berth) return false;
  return !config.skipAll && !config.skip.has(rule.name);
}

interface Scope {
  config: CheckConfig;
  /** By the line of an instruction whose comment says more. */
  local: ReadonlyMap<number, CheckConfig>;
  options: LintOptions;
}

/** `# check=skip=RULE` right above an instruction is about that one; behind a blank the comment goes on in words. */
function localConfigs({ metaArgs, stages }: Dockerfile, config: CheckConfig): Map<number, CheckConfig> {
  const all = [...metaArgs, ...stages.flatMap(({ from, instructions }) => [from, ...instructions])];
  return new Map(
    all.flatMap(({ comments, location }) => {
      const [, options] = comments.map((comment) => /^\s*check\s*=\s*(\S+)/i.exec(comment)).find(Boolean) ?? [];
      const own = options === undefined ? undefined : tryConfig(options);
      return own ? [[location.line, mergeConfigs(config, own)] as const] : [];
    }),
  );
}

function apply(rule: Rule, dockerfile: Dockerfile, analysis: Analysis, { config, local, options }: Scope): Finding[] {
  if (![config, ...local.values()].some((each) => isOn(rule, each, options))) return [];
  const findings: Finding[] = [];
  rule.check({
    dockerfile,
    analysis,
    options,
    report({ file, line, column, endLine }, message) {
      if (!isOn(rule, (rule.ofFile ? undefined : local.get(line)) ?? config, options)) return;
      const { name, description, url } = rule;
      const severity = config.error ? "error" : "warning";
      findings.push({
        rule: name,
        severity,
        message,
        description,
        ...(url ? { url } : {}),
        file,
        line,
        column,
        ...(endLine ? { endLine } : {}),
      });
    },
  });
  return findings;
}

function violationOf(dockerfile: Dockerfile, findings: Finding[], config: CheckConfig): { violation?: EngineError } {
  const [first] = findings;
  if (!config.error || !first) return {};
  const names = [...new Set(findings.map((finding) => finding.rule))].join(", ");
  const location = { file: first.file, line: first.line, column: first.column, source: dockerfile.source };
  const hint = "correct them, or leave error=true out of the check directive";
  return { violation: new EngineError("dockerfile", `lint violation found for rules: ${names}`, { location, hint }) };
}
