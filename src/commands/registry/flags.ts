/** Flags that the commands about other registries share. */
import type { FlagSpec } from "../command.ts";

export const insecureFlag: FlagSpec = { name: "insecure", type: "boolean", help: "Allow plain HTTP and unknown certificates" };

export const listFormatFlag: FlagSpec = {
  name: "format",
  type: "string",
  placeholder: "FORMAT",
  help: "'table', 'table TEMPLATE', 'json' or a Go template",
};

export const limitFlag: FlagSpec = { name: "limit", type: "number", placeholder: "NUMBER", help: "Names at most" };

export const lastFlag: FlagSpec = { name: "last", type: "string", placeholder: "NAME", help: "Begin behind this name" };

export const keyFlag: FlagSpec = {
  name: "key",
  short: "k",
  type: "list",
  placeholder: "FILE",
  help: "A public key whose signatures count",
  subject: "file",
};

export const platformFlag = (help: string): FlagSpec => ({ name: "platform", type: "string", placeholder: "OS/ARCH[/VARIANT]", help });
