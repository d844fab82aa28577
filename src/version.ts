/** The program's version, from package.json at bundle time. */
declare const __BERTH_VERSION__: string | undefined;

export const version: string = typeof __BERTH_VERSION__ === "string" ? __BERTH_VERSION__ : "0.0.0-dev";
