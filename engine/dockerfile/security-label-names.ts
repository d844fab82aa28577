/** Whether there are such labels as security-labels.ts reads: asked of each container that is made, and mostly there are none. */

export const securityPrefix = "io.berth.security.";

export type Labels = Readonly<Record<string, string>>;

export const hasSecurityLabels = (labels?: Labels | null): boolean => Object.keys(securityLabelsIn(labels)).length > 0;

/** By the names of the directives, as they are written. */
export function securityLabelsIn(labels: Labels | null = {}): Record<string, string> {
  const own = Object.entries(labels ?? {}).filter(([name]) => name.startsWith(securityPrefix));
  return Object.fromEntries(own.map(([name, text]) => [name.slice(securityPrefix.length), text]));
}
