/** What the host's kernel is told: namespaces, rules, forwarding. */
export { closeForwarding, ensureTable, openForwarding, publish, removeTable, unpublish } from "./firewall.ts";
export { enterNamespace, makeNamespace, type OpenNamespace, openNamespace, removeNamespace } from "./namespace.ts";
export { closeRouter, closeRouterScript, guardsRouter, mendRouter, openRouter, routerTable } from "./router.ts";
export { addressesOf, familyOf, isInterfaceName } from "./ruleset.ts";
