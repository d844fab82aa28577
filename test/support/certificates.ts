/** Certificates for a test: authorities, and what they have signed, for 127.0.0.1. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Pair {
  cert: string;
  key: string;
}

/** Files NAME.pem and NAME.key in a directory. */
export function certificates(openssl: string, directory: string) {
  const make = (name: string, ...more: string[]): Pair => {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", `${name}.key`];
    const args = ["req", "-x509", ...key, "-out", `${name}.pem`, "-subj", `/CN=${name}`, "-days", "2", ...more];
    execFileSync(openssl, args, { cwd: directory, stdio: "ignore" });
    return { cert: readFileSync(join(directory, `${name}.pem`), "utf8"), key: readFileSync(join(directory, `${name}.key`), "utf8") };
  };
  const signed = (name: string, authority: string): Pair =>
    make(name, "-CA", `${authority}.pem`, "-CAkey", `${authority}.key`, "-addext", "subjectAltName=IP:127.0.0.1");
  return { make, signed };
}
