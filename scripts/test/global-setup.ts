/** Runs once before all tests. */
import { buildCommandLine } from "../build.ts";

/** Tests run the `nnasm` command some hundred times; the bundle starts in a tenth of the sources' time. */
export default async function setup(): Promise<void> {
  try {
    await buildCommandLine();
  } catch (error) {
    // Sources that don't build are told by the type check and by the tests that use the command, which then runs from them.
    console.warn(`The nnasm command was not bundled: ${error instanceof Error ? error.message : error}`);
  }
}
