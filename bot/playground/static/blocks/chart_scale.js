/** Numbers to places on a chart, and the round numbers beside an axis. Pure. */

const MOST_TICKS = 5;

/** Round steps that cover all `values`: {low, high, ticks}. `fromZero` keeps zero on the axis (bars, areas). */
export function scale(values, { fromZero = false } = {}) {
  let low = Math.min(...values, ...(fromZero ? [0] : []));
  let high = Math.max(...values, ...(fromZero ? [0] : []));
  if (low === high) {
    const room = Math.abs(low) || 1;
    high += room / 2;
    if (!fromZero) low -= room / 2;
  }
  const step = roundStep((high - low) / MOST_TICKS);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  return { low: first * step, high: last * step, ticks: ticks.map((tick) => Number(tick.toPrecision(12))) };
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
export function roundStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
}

/** "1,200", "3.5e-4", "12.5k" where it is long. */
export function shortNumber(value) {
  const size = Math.abs(value);
  if (size >= 10_000 || (size > 0 && size < 0.001)) {
    return new Intl.NumberFormat("en-US", size < 1 ? { notation: "scientific", maximumSignificantDigits: 3 } : { notation: "compact", maximumFractionDigits: 1 }).format(value);
  }
  return value.toLocaleString("en-US", { maximumFractionDigits: size < 1 ? 3 : 2 });
}

/** The outline of a pie's piece between two shares of the whole (0 to 1), round (cx, cy). */
export function slicePath(from, to, { cx, cy, radius, hole }) {
  const end = Math.min(to, from + 0.99999);
  const point = (share, r) => {
    const angle = (share - 0.25) * 2 * Math.PI;
    return `${(cx + r * Math.cos(angle)).toFixed(2)} ${(cy + r * Math.sin(angle)).toFixed(2)}`;
  };
  const large = end - from > 0.5 ? 1 : 0;
  return (
    `M${point(from, radius)}A${radius} ${radius} 0 ${large} 1 ${point(end, radius)}` +
    `L${point(end, hole)}A${hole} ${hole} 0 ${large} 0 ${point(from, hole)}Z`
  );
}
