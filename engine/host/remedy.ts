/** Remedies that differ by distribution: the command that installs a package here, found by the package manager present. */
import { findProgram } from "../process/spawn.ts";

/** Package names by package manager. */
export type PackageNames = Readonly<Record<"apt" | "dnf" | "pacman" | "zypper" | "apk", string>>;

/** One name everywhere. */
export function samePackage(name: string): PackageNames {
  return { apt: name, dnf: name, pacman: name, zypper: name, apk: name };
}

const managers: readonly { name: keyof PackageNames; program: string; install: string }[] = [
  { name: "apt", program: "apt-get", install: "apt-get install -y" },
  { name: "dnf", program: "dnf", install: "dnf install -y" },
  { name: "pacman", program: "pacman", install: "pacman -S --needed" },
  { name: "zypper", program: "zypper", install: "zypper install" },
  { name: "apk", program: "apk", install: "apk add" },
];

/** "apt-get install -y conmon" on a host with apt, and so on; every manager's command where none is known. */
export function installCommand(packages: PackageNames, find: (program: string) => string | undefined = findProgram): string {
  const here = managers.find(({ program }) => find(program) !== undefined);
  const commands = (here ? [here] : managers).map(({ name, install }) => `${install} ${packages[name]}`);
  return commands.join(" | ");
}
