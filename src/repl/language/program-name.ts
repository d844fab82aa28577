/** What stands before a command in a shell. It may stay in a session: lines that were written for a shell can be pasted, docker's too. */

export const isProgramName = (word: string | undefined): boolean => word === "berth" || word === "docker";
