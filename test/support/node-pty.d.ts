/** node-pty is an alias of @lydell/node-pty, whose types declare that name. */
/// <reference path="../../node_modules/node-pty/node-pty.d.ts" />
declare module "node-pty" {
  export * from "@lydell/node-pty";
}
