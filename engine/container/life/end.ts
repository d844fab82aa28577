/** What ends a container: a door of its own, for who begins one and wants none of it before that runs. */
export { destroyContainer } from "./destroy.ts";
export { recordExit } from "./settle.ts";
