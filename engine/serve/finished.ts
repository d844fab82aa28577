/** Operations of the engine that tell meanwhile, for a client that wants the result alone. */

export async function finished<T>(operation: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const step = await operation.next();
    if (step.done) return step.value;
  }
}
