/**
 * A policy: which images may be used here. Its rules go by the repository's name, and the first that fits is the one that counts. Pure:
 * files are read and understood by policy-file.ts and containers-policy.ts.
 */
import { full, type Reference } from "../image/documents/index.ts";
import type { Requirement } from "./judge.ts";

export interface Policy {
  /** The file. */
  name: string;
  /** Lets `--no-verify` pass over its rules. */
  allowsOverride: boolean;
  /** Images that were made here and have no digest of a registry's: judged by their name as all others, or used. */
  local: "verify" | "accept";
  /** What `load` brings: judged before it gets its names, or when it is used. */
  load: "verify" | "accept";
  rules: readonly Rule[];
  /** For what no rule fits. */
  otherwise: Rule;
}

export type Rule = {
  /** How errors call it: 'rule "registry.example/**" (/etc/berth/policy.yaml:12)'. */
  name: string;
  /** Whether it is for a name; of one that stands for no repository, only the last rule is. */
  fits(reference: Reference): boolean;
} & ({ action: "accept" } | { action: "reject"; reason: string } | { action: "verify"; requirements: readonly Requirement[] });

/** @param reference undefined for an image without a name */
export function ruleFor({ rules, otherwise }: Policy, reference: Reference | undefined): Rule {
  return (reference && rules.find((rule) => rule.fits(reference))) ?? otherwise;
}

/** Whether it can refuse anything. */
export function isIdle({ rules, otherwise }: Policy): boolean {
  return [...rules, otherwise].every(({ action }) => action === "accept");
}

/** "docker.io/library/python:3.9", or what stands for an image without a name. */
export const nameOf = (reference: Reference | undefined): string => (reference ? full(reference) : "an image without a name");
