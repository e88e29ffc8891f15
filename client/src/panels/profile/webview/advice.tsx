import type { Finding } from "@nnasm/sim-core/advice";
import { boundNumbers, countText, type Profile, percentText, timeText } from "@nnasm/sim-core/profile";
import type { AdviceView } from "../messages.ts";
import { openSource } from "./host.ts";

interface AdviceProps {
  readonly advice: AdviceView;
  readonly profile: Profile;
  readonly asTime: boolean;
}

/** What the rules of advice have found, the largest saving first. */
export function Advice({ advice: { findings, note }, profile, asTime }: AdviceProps) {
  const cycles = (count: number): string => (asTime ? timeText(count, profile.clockMHz) : `${countText(count)} cycles`);
  return (
    <>
      <p class="none">{`The run is ${profile.bound.text}: ${boundNumbers(profile.bound)}.`}</p>
      {note !== undefined && <p class="note">{`There may be more: ${note}.`}</p>}
      {findings.length === 0 && note === undefined && (
        <p class="note">No rule finds anything that would save 1 % of the run.</p>
      )}
      <ol class="advice">
        {findings.map((finding) => (
          <li key={`${finding.rule} ${finding.message}`}>
            <h3>{finding.title}</h3>
            <p>{finding.message}</p>
            <p>{finding.edit}</p>
            <p class="none">{`${savingText(finding, cycles)} ${numbersText(finding)}`}</p>
            <p class="none">
              {finding.places.map(
                ({ file, line }) =>
                  file !== undefined &&
                  line !== undefined && (
                    <>
                      <button type="button" class="link" onClick={() => openSource(file, line)}>
                        {`${file.split(/[\\/]/).at(-1)}:${line}`}
                      </button>{" "}
                    </>
                  ),
              )}
              {`cycles ${countText(finding.from)} to ${countText(finding.to)}, rule ${finding.rule}`}
            </p>
          </li>
        ))}
      </ol>
    </>
  );
}

function savingText({ savedCycles, ofCycles, layer, confidence }: Finding, cycles: (count: number) => string): string {
  if (savedCycles === 0) return "Not about cycles.";
  const whole = layer ? `layer ${layer.name}, ${layer.bound}` : "the run";
  return `Saves about ${cycles(savedCycles)}, ${percentText(savedCycles / (ofCycles || 1))} of ${whole}; confidence: ${confidence}.`;
}

/** The numbers that it rests on, and the threshold that was crossed. */
function numbersText({ measured, threshold }: Finding): string {
  const numbers = measured.map(
    ({ name, value, unit }) => `${name}: ${countText(value)}${unit === "" ? "" : ` ${unit}`}`,
  );
  if (threshold) {
    const { text, actual, value, unit } = threshold;
    numbers.push(`${text}: ${countText(actual)} ${unit} (threshold ${countText(value)} ${unit})`);
  }
  return numbers.length === 0 ? "" : `${numbers.join("; ")}.`;
}
