/** A plan carried out: stages at the same time, each step looked up before it runs. */
export { Solver } from "./solver.ts";
