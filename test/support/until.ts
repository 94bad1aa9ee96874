/** Polls; a test waits for what it needs, never for time to pass. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  boundMs = 20_000,
  context: () => string = () => '',
): Promise<void> {
  const deadline = Date.now() + boundMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Nothing came within ${boundMs} ms.\n${context()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
