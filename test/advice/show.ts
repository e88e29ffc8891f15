/** Prints the advice on programs: `npx tsx test/advice/show.ts FILE...`, for looking at rules and thresholds. */
import { adviseOn } from "./programs.ts";

for (const file of process.argv.slice(2)) {
  const { findings, profile, end, failures, checked, races } = adviseOn(file);
  console.log(
    `${file}: ${end}, ${profile.cycles} cycles, ${checked} checked, ${failures.length} wrong, ${races} races`,
  );
  for (const failure of failures.slice(0, 3)) console.log(`  ${failure.slice(0, 300)}`);
  for (const { rule, savedCycles, message, edit, places, layer } of findings) {
    console.log(
      `  ${savedCycles} ${rule} ${places.map(({ line }) => line).join(",")} ${layer?.name ?? ""}: ${message}`,
    );
    console.log(`      ${edit}`);
  }
}
