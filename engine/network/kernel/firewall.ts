/** Applies the rules that ruleset.ts writes, and opens other firewalls' FORWARD chain to a bridge where it is closed. */
import { existsSync, readFileSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { findProgram, runProcess } from "../../process/spawn.ts";
import type { Ground } from "../../state/ground.ts";
import { hasTable, policyOf } from "../../sys/netlink-nftables.ts";
import { runNft } from "../../sys/nft.ts";
import type { Address } from "../address/index.ts";
import { familiesOf, type NetworkRecord, type PortRecord, subnetsOf, tableOf } from "../records/index.ts";
import { addPortScript, addressesOf, deletePortScript, deleteTableScript, familyOf, type RulesetInput, tableScript } from "./ruleset.ts";

/** @throws EngineError `network` with nft's own words */
export function apply(script: string, doing: string): string {
  const { ok, output, error } = run(script, doing);
  if (!ok) throw new EngineError("network", `cannot ${doing}: ${error}`);
  return output;
}

function run(script: string, doing: string) {
  try {
    return runNft(script);
  } catch (cause) {
    throw new EngineError("network", `cannot ${doing}: ${(cause as Error).message}`, {
      cause,
      hint: "install libnftables (Debian: apt install libnftables1)",
    });
  }
}

/** What a network's rules are made of. */
function rulesetInput({ spec, bridge }: NetworkRecord): RulesetInput {
  const option = (name: string) => spec.Options[`com.docker.network.bridge.${name}`];
  return {
    table: tableOf(spec),
    bridge,
    subnets: subnetsOf(spec).map(({ network }) => network),
    internal: spec.Internal,
    masquerade: option("enable_ip_masquerade") !== "false",
    icc: option("enable_icc") !== "false",
  };
}

/** Makes a network's table unless it is there; someone may have flushed all rules, so recorded ports come back with it. */
export function ensureTable(ground: Ground, network: NetworkRecord): void {
  if (hasTable("inet", tableOf(network.spec))) return;
  apply(tableScript(rulesetInput(network)), `load the rules of network "${network.spec.Name}"`);
  const rows = ground.db.all<PortRecord & { ipv4: string; ipv6: string }>(
    "SELECT ports.*, ipv4, ipv6 FROM ports JOIN endpoints ON endpoints.owner = ports.owner AND endpoints.network = ports.network WHERE ports.network = ?",
    network.spec.Id,
  );
  for (const row of rows) {
    publish(network, [row], addressesOf(row));
  }
}

/** Leads host ports to a container; all or none. */
export function publish(network: NetworkRecord, ports: readonly PortRecord[], targets: Partial<Record<4 | 6, Address>>): void {
  const scripts = ports.flatMap((port) => {
    const target = targets[familyOf(port.host_ip)];
    return target ? [addPortScript(tableOf(network.spec), port, target)] : [];
  });
  if (scripts.length > 0) apply(scripts.join(""), "publish ports");
}

/** Takes host ports back. What is not there (a reboot, a half made container) is fine, hence one transaction each. */
export function unpublish(network: NetworkRecord, ports: readonly PortRecord[]): void {
  const families = familiesOf(network); // for the other one there is no map
  const scripts = ports.filter((port) => families.has(familyOf(port.host_ip))).map((port) => deletePortScript(tableOf(network.spec), port));
  if (scripts.length === 0 || run(scripts.join(""), "take ports back").ok) return;
  for (const script of scripts) run(script, "take a port back");
}

export function removeTable(network: NetworkRecord): void {
  apply(deleteTableScript(tableOf(network.spec)), `remove the rules of network "${network.spec.Name}"`);
}

/** The chain that docker, ufw and iptables users close by policy; our accept in another chain cannot open it again. */
const forwardChain = "ip filter FORWARD";

/**
 * Lets a bridge's traffic through a FORWARD chain whose policy is drop, as dockerd leaves it. The rules go to its end,
 * so that every rule of its owner still comes first; what would fall to the policy is then judged by our own table.
 */
export async function openForwarding(bridge: string): Promise<void> {
  if (policyOf("ip", "filter", "FORWARD") === "drop" && forwardRules(bridge).length === 0) {
    apply(
      `add rule ${forwardChain} iifname "${bridge}" counter accept\nadd rule ${forwardChain} oifname "${bridge}" counter accept\n`,
      "open the FORWARD chain",
    );
  }
  await legacyForwarding(bridge, "-A");
}

/** Takes back what openForwarding did. */
export async function closeForwarding(bridge: string): Promise<void> {
  if (policyOf("ip", "filter", "FORWARD"))
    for (const handle of forwardRules(bridge)) run(`delete rule ${forwardChain} handle ${handle}`, "close the FORWARD chain");
  await legacyForwarding(bridge, "-D");
}

function forwardRules(bridge: string): number[] {
  return rulesOf(run(`list chain ${forwardChain}`, "list the FORWARD chain").output, bridge);
}

/** Handles of our rules in the listing of a chain. */
export function rulesOf(listing: string, bridge: string): number[] {
  const rule = /^\s*[io]ifname "([^"]+)" counter packets \d+ bytes \d+ accept # handle (\d+)$/gm;
  return [...listing.matchAll(rule)].filter(([, name]) => name === bridge).map(([, , handle]) => Number(handle));
}

/** The same where iptables still uses the kernel's old tables: only its own program can change those. */
async function legacyForwarding(bridge: string, action: "-A" | "-D"): Promise<void> {
  const names = "/proc/net/ip_tables_names";
  if (!existsSync(names) || !readFileSync(names, "utf8").split("\n").includes("filter")) return;
  const program = findProgram("iptables-legacy");
  if (!program) return;
  const rules = (await runProcess(program, ["-w", "-S", "FORWARD"])).stdout;
  for (const direction of ["-i", "-o"]) {
    const present = rules.includes(`-A FORWARD ${direction} ${bridge} -j ACCEPT`);
    if (action === "-A" ? present || !rules.includes("-P FORWARD DROP") : !present) continue;
    await runProcess(program, ["-w", action, "FORWARD", direction, bridge, "-j", "ACCEPT"]);
  }
}
