/** What looks like a secret in files that are about to be published. A guess: it is asked about, never refused. Pure. */
import type { ArtifactFile } from "./artifact.ts";

interface Kind {
  what: string;
  pattern: RegExp;
}

/** In the forms that their issuers document. */
const kinds: readonly Kind[] = [
  { what: "AWS access key id", pattern: /\b(?:A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16}\b/ },
  { what: "AWS secret key", pattern: /aws.{0,40}?[\s"'=:][A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/i },
  { what: "GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/ },
  { what: "GitLab token", pattern: /\bglpat-[\w-]{20,}/ },
  { what: "Slack token", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/ },
  { what: "JSON web token", pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/ },
  { what: "private key", pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  { what: "password in a URL", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"']+:[^\s/@"'$]+@/i },
  {
    what: "value of a variable that is named as a secret",
    pattern: /\b[A-Z0-9_]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY)(?:_[A-Z0-9]+)*(?<!_FILE)["']?\s*[=:]\s*["']?(?![\s"'$]|$)/,
  },
];

export interface Finding {
  file: string;
  /** From 1. */
  line: number;
  what: string;
}

export function findSensitive(files: readonly ArtifactFile[]): Finding[] {
  return files.flatMap(({ name, text }) =>
    text
      .toString("utf8")
      .split("\n")
      .flatMap((line, index) => {
        const kind = kinds.find(({ pattern }) => pattern.test(line.slice(0, 4096)));
        return kind ? [{ file: name, line: index + 1, what: kind.what }] : [];
      }),
  );
}
