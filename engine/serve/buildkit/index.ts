/** BuildKit's side of Docker's API: sessions of clients, the services that they call, and builds of the older clients that have a session. */
export { controlOf } from "./control.ts";
export { Sessions, sessionIn } from "./session.ts";
export { exporterResponse, solve } from "./solve.ts";
export { StatusFeed } from "./status.ts";
