/** What the commands about a registry's directory have in common. */

export const usualDirectory = "/var/lib/berth-registry";
/** Milliseconds that something lies there, named by nothing, before it is collected. */
export const usualGrace = 24 * 60 * 60 * 1000;
