// The four parameters: their hints, presets and sliders.

const HINTS = {
  depth_radius: "reach of window",
  bias: "k, added first",
  alpha: "α, times the sum",
  beta: "β, exponent",
};
const ALPHA_STEPS = 10; // of the slider for each power of ten, from 1e-6 on; its left end is 0

const PRESETS = [
  ["Article", () => [2, 0, 1, 1]],
  ["TensorFlow’s defaults", () => [5, 1, 1, 0.5]],
  ["AlexNet", () => [2, 2, 1e-4, 0.75]],
  ["PixelNorm", (channels) => [channels - 1, 1e-8, 1 / channels, 0.5]],
];

// Each parameter's slider: its ends and step, and the way from its position and back.
const SLIDERS = {
  depth_radius: { min: 0, max: 7, step: 1 },
  bias: { min: 0, max: 10, step: 0.1 },
  alpha: {
    min: 0, max: 9 * ALPHA_STEPS + 1, step: 1,
    value: (at) => (at === 0 ? 0 : Number((10 ** ((at - 1) / ALPHA_STEPS - 6)).toPrecision(2))),
    at: (value) => (value === 0 ? 0 : Math.max(1, (Math.log10(value) + 6) * ALPHA_STEPS + 1)),
  },
  beta: { min: 0, max: 2, step: 0.05 },
};
const same = (number) => number;
