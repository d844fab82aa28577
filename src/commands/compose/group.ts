/** `berth compose`: the flags that stand before its verbs, with docker compose's names. */
import type { CommandGroup } from "../groups.ts";

export const group: CommandGroup = {
  summary: "Define and run applications of several containers",
  flags: [
    { name: "file", short: "f", type: "list", placeholder: "FILE", subject: "file", help: "Compose file (more are merged in their order)" },
    { name: "project-name", short: "p", type: "string", placeholder: "NAME", help: "Name of the project" },
    {
      name: "project-directory",
      type: "string",
      placeholder: "DIRECTORY",
      subject: "directory",
      help: "Where relative paths start; default: the directory of the first file",
    },
    { name: "env-file", type: "list", placeholder: "FILE", subject: "file", help: "File of variables, in place of .env" },
    { name: "profile", type: "list", placeholder: "NAME", help: "Enable a profile" },
    { name: "all-resources", type: "boolean", help: "Include networks, volumes, secrets and configs that no service uses" },
    { name: "compatibility", type: "boolean", help: "Name containers as docker-compose 1 did" },
    {
      name: "ansi",
      type: "string",
      choices: ["never", "always", "auto"],
      help: "When to draw and print colours: on terminals (auto), or as COMPOSE_ANSI says",
    },
    { name: "progress", type: "string", choices: ["auto", "tty", "plain", "json", "quiet"], help: "How progress is shown" },
    { name: "parallel", type: "number", default: -1, help: "How many operations may run at the same time; -1 is no limit" },
    { name: "dry-run", type: "boolean", anywhere: true, help: "Say what would be done, and do nothing" },
    {
      name: "no-verify",
      type: "boolean",
      anywhere: true,
      help: "Skip what this host's policies ask of images and of projects in registries, if they permit that",
    },
    { name: "version", short: "v", type: "boolean", verb: "version", help: "Print the version", hidden: true },
    { name: "workdir", type: "string", subject: "directory", help: "The older name of --project-directory", hidden: true },
    { name: "verbose", type: "boolean", help: "Accepted, without effect", hidden: true },
    { name: "no-ansi", type: "boolean", help: "The older form of --ansi never", hidden: true },
  ],
};
