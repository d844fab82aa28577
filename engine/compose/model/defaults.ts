/** Members that a long form may leave out, and what the schema does not say of how its members go together. Pure. */

import { isTree, type Path, type Tree, wrongAt } from "../source/places.ts";
import { below, type Rules, rules } from "../source/rules.ts";
import { isAddress } from "../values/address.ts";

type Default = (value: Tree) => void;
/** What is wrong with a value, if anything is. */
type Check = (value: unknown) => string | undefined;

const allDevices: Default = (device) => {
  if (!("count" in device) && !("device_ids" in device)) device["count"] = "all";
};

const defaults: Rules<Default> = rules<Default>({
  "services.*.build": (build) => {
    if (!("context" in build)) build["context"] = ".";
  },
  "services.*.secrets.[]": (secret) => {
    if (!("target" in secret)) secret["target"] = `/run/secrets/${String(secret["source"])}`;
  },
  "services.*.ports.[]": (port) => {
    if (!("protocol" in port)) port["protocol"] = "tcp";
    if (!("mode" in port)) port["mode"] = "ingress";
  },
  "services.*.deploy.resources.reservations.devices.[]": allDevices,
  "services.*.gpus.[]": allDevices,
});

const ofDevices: Check = (device) =>
  isTree(device) && "count" in device && "device_ids" in device ? '"count" and "device_ids" exclude each other' : undefined;

const checks: Rules<Check> = rules<Check>({
  "volumes.*": (volume) => {
    if (!isTree(volume) || volume["external"] !== true) return undefined;
    const other = Object.keys(volume).find((name) => name !== "name" && name !== "external" && !name.startsWith("x-"));
    return other && `"external" and "${other}" exclude each other`;
  },
  "configs.*": oneOf("file", "environment", "content"),
  "secrets.*": oneOf("file", "environment"),
  "services.*.ports.[]": (port) => {
    const address = isTree(port) ? port["host_ip"] : undefined;
    return typeof address === "string" && !isAddress(address) ? `"${address}" is no IP address` : undefined;
  },
  "services.*.develop.watch.[].path": (path) => (path === "" ? "it is empty" : undefined),
  "services.*.deploy.resources.reservations.devices.[]": ofDevices,
  "services.*.gpus.[]": ofDevices,
});

function oneOf(...names: string[]): Check {
  return (value) => {
    if (!isTree(value)) return undefined;
    const given = names.filter((name) => name in value);
    if (given.length > 1) return `${given.join(" and ")} exclude each other`;
    const isElsewhere = "driver" in value || "external" in value;
    return given.length === 0 && !isElsewhere ? `one of ${names.join(", ")} must be set` : undefined;
  };
}

/** Adds them to a tree of long forms. */
export function setDefaults(root: Tree): void {
  visit(root, defaults, [], (value, rule) => {
    if (isTree(value)) rule(value);
  });
}

/** @throws EngineError `compose`, located */
export function checkMembers(root: Tree): void {
  visit(root, checks, [], (value, rule, path) => {
    const problem = rule(value);
    if (problem) throw wrongAt(root, path, problem);
  });
}

function visit<Rule>(value: unknown, at: Rules<Rule> | undefined, path: Path, see: (value: unknown, rule: Rule, path: Path) => void): void {
  if (at?.rule) see(value, at.rule, path);
  if (!at || at.rule || typeof value !== "object" || value === null) return;
  for (const name of Object.keys(value)) {
    const next = below(at, Array.isArray(value) ? "[]" : name);
    if (next) visit((value as Tree)[name], next, [...path, name], see);
  }
}
