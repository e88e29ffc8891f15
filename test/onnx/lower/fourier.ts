/** The Fourier transform of frames of a signal, by the FFT accelerator. */
import type { Context } from "../context.ts";
import { extremes, largest, type Scheme } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import { type Four, view } from "../program.ts";

const MIN_POINTS = 8;
const MAX_POINTS = 1024;

function requirePoints(points: number): void {
  if (points >= MIN_POINTS && points <= MAX_POINTS && Number.isInteger(Math.log2(points))) return;
  throw new Misfit("mode", `a transform of ${points} points; the accelerator has powers of two from 8 to 1024`);
}

export function dft(context: Context): void {
  requirePoints(context.input(0).shape[context.int("axis", 1)]!);
  throw new Misfit("mode", "transforms along another axis than the last");
}

/** Overlapping frames are a strided view of the signal; a window is multiplied onto them. */
export function stft(context: Context): void {
  const [signal, step, window, length] = [
    context.input(0),
    context.input(1).data[0]!,
    context.optional(2),
    context.optional(3),
  ];
  const points = window?.shape[0] ?? length!.data[0]!;
  requirePoints(points);
  const [, frames, bins] = context.output().shape as [number, number, number, number];
  const { program } = context;
  const q = context.activation(signal, extremes(signal.data), 16);
  const samples = program.bring(q.values, "int16", [1, 1, q.values.length, 1]);
  const dims: Four = [1, frames, points, 1];
  let overlapping = view(samples, { dims, strides: [0, step * 2, 2, 2] });
  let { scale } = q;
  if (window) {
    const w = context.activation(window, undefined, 16);
    const windowed = program.space("int16", dims);
    scale = (q.scale * largest(window.data) * 32767) / 32766;
    program.line("vu.reset");
    context.scale(2, (q.scale * w.scale) / scale);
    program.issue("vu.mul", "vu", [windowed, overlapping, program.bring(w.values, "int16", [1, 1, points, 1])]);
    overlapping = windowed;
  }
  const complex = program.space("int16", [1, frames, points, 2]);
  program.fill(complex, 0);
  const real = view(complex, { dims });
  program.line("vu.reset");
  program.issue("vu.copy", "vu", [real, overlapping]);
  const spectrum = program.space("int16", [1, frames, points, 2]);
  program.line("xu.reset");
  program.issue("xu.run", "xu", [spectrum, complex], "fft");
  // Every stage halves: the result is the transform divided by the number of points.
  const scheme: Scheme = { dtype: "int16", scale: scale * points, zeroPoint: 0 };
  const kept = view(spectrum, { dims: [1, frames, bins, 2] });
  // docs/machine.md states 1.1 x log2 N units; the window's product was rounded to half a unit of one sample each.
  const slack = 1.1 * Math.log2(points) * scheme.scale + (window ? (points * scale) / 2 : 0);
  context.real(kept, scheme, slack);
}
