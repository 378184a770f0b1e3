/** data_visualization: line, bar, area and pie charts as SVG, with their numbers as a table for whoever wants it. */

import { freshId, make, makeSvg } from "./dom.js";
import { scale, shortNumber, slicePath } from "./chart_scale.js";
import { unknown } from "./unknown.js";

const WIDTH = 560;
const HEIGHT = 260;
const LEFT = 56;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 44; // with words below the axis
const LABEL_WIDTH = 62;

export function dataVisualization(block) {
  const { chart } = block;
  const drawers = { line: lineChart, area: lineChart, bar: barChart, pie: pieChart };
  if (!Object.hasOwn(drawers, chart?.type)) return unknown("Chart", chart);
  const series = chart.type === "pie" ? [{ name: block.title, data: chart.segments }] : chart.series;
  const categories = chart.type === "pie" ? chart.segments.map((point) => point.label) : chart.axis_config.categories;
  const table = { series, categories, axes: chart.axis_config ?? {} };
  const titleId = freshId("chart-title");
  const names = chart.type === "pie" ? pieLegend(chart.segments) : series.length > 1 ? series.map((one) => one.name) : [];
  const picture = drawers[chart.type](table, chart.type);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", description(block.title, chart.type, table));
  return make(
    "figure",
    { class: `chart chart-${chart.type}`, "aria-labelledby": titleId },
    make("figcaption", { class: "chart-title", id: titleId }, block.title),
    picture,
    names.length ? legend(names) : null,
    make("details", { class: "chart-numbers" }, make("summary", {}, "Show the numbers"), numbers(table)),
  );
}

/** One sentence a series, for whoever does not see the picture. */
function description(title, type, { series, categories }) {
  const said = series.map(({ name, data }) => {
    const values = data.map((point) => point.value);
    if (type === "pie") return data.map((point) => `${point.label} ${shortNumber(point.value)}`).join(", ");
    const first = pointOf(data, categories[0])?.value;
    const last = pointOf(data, categories.at(-1))?.value;
    const span = `lowest ${shortNumber(Math.min(...values))}, highest ${shortNumber(Math.max(...values))}`;
    return `${name}: ${shortNumber(first)} at ${categories[0]} to ${shortNumber(last)} at ${categories.at(-1)}, ${span}`;
  });
  return `${title}, ${type} chart. ${said.join(". ")}.`;
}

/** Points come in any order; the axis says which. */
function pointOf(data, category) {
  return data.find((point) => point.label === category);
}

function frame({ series, categories, axes }, { fromZero }) {
  const values = series.flatMap(({ data }) => data.map((point) => point.value));
  const { low, high, ticks } = scale(values, { fromZero });
  const bottom = HEIGHT - (axes.x_label ? BOTTOM : BOTTOM / 2);
  const y = (value) => TOP + (bottom - TOP) * (1 - (value - low) / (high - low));
  const band = (WIDTH - LEFT - RIGHT) / categories.length;
  const x = (index) => LEFT + band * (index + 0.5);
  const picture = makeSvg("svg", { class: "chart-picture", viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
  for (const tick of ticks) {
    const at = y(tick);
    picture.append(makeSvg("line", { class: tick === 0 ? "chart-zero" : "chart-grid", x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }));
    picture.append(makeSvg("text", { class: "chart-tick", x: LEFT - 8, y: at + 4, "text-anchor": "end" }, shortNumber(tick)));
  }
  const every = Math.max(1, Math.ceil((categories.length * LABEL_WIDTH) / (WIDTH - LEFT - RIGHT)));
  categories.forEach((category, index) => {
    if (index % every) return;
    const words = category.length > 12 && band * every < 90 ? `${category.slice(0, 11)}…` : category;
    picture.append(makeSvg("text", { class: "chart-tick", x: x(index), y: bottom + 18, "text-anchor": "middle" }, words));
  });
  axisLabels(picture, axes);
  return { picture, x, y, band, base: y(Math.max(low, Math.min(0, high))) };
}

function axisLabels(picture, { x_label: xLabel, y_label: yLabel }) {
  if (xLabel) {
    picture.append(makeSvg("text", { class: "chart-axis", x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, xLabel));
  }
  if (yLabel) {
    const middle = (TOP + HEIGHT - BOTTOM) / 2;
    picture.append(makeSvg("text", { class: "chart-axis", x: 12, y: middle, transform: `rotate(-90 12 ${middle})`, "text-anchor": "middle" }, yLabel));
  }
}

function lineChart(table, type) {
  const { picture, x, y, base } = frame(table, { fromZero: type === "area" });
  table.series.forEach(({ name, data }, index) => {
    const points = table.categories.map((category, at) => [x(at), y(pointOf(data, category)?.value ?? 0)]);
    const path = points.map(([px, py], at) => `${at ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
    if (type === "area") {
      const under = `${path}L${points.at(-1)[0].toFixed(1)} ${base.toFixed(1)}L${points[0][0].toFixed(1)} ${base.toFixed(1)}Z`;
      picture.append(makeSvg("path", { class: `chart-under series-${index + 1}`, d: under }));
    }
    picture.append(makeSvg("path", { class: `chart-line series-${index + 1}`, d: path }));
    points.forEach(([px, py], at) => {
      const words = `${name}, ${table.categories[at]}: ${shortNumber(pointOf(data, table.categories[at])?.value ?? 0)}`;
      picture.append(makeSvg("circle", { class: `chart-dot series-${index + 1}`, cx: px, cy: py, r: 3 }, makeSvg("title", {}, words)));
    });
  });
  return picture;
}

function barChart(table) {
  const { picture, x, y, band, base } = frame(table, { fromZero: true });
  const width = Math.min(40, (band * 0.76) / table.series.length);
  table.series.forEach(({ name, data }, index) => {
    table.categories.forEach((category, at) => {
      const value = pointOf(data, category)?.value ?? 0;
      const left = x(at) + (index - table.series.length / 2) * width;
      const top = Math.min(y(value), base);
      const bar = { class: `chart-bar series-${index + 1}`, x: left + 0.5, y: top, width: Math.max(1, width - 1), height: Math.abs(base - y(value)), rx: 1.5 };
      picture.append(makeSvg("rect", bar, makeSvg("title", {}, `${name}, ${category}: ${shortNumber(value)}`)));
    });
  });
  return picture;
}

function pieChart({ series }) {
  const [{ data }] = series;
  const total = data.reduce((sum, point) => sum + Math.max(0, point.value), 0) || 1;
  const picture = makeSvg("svg", { class: "chart-picture chart-pie-picture", viewBox: "0 0 200 200" });
  let from = 0;
  data.forEach((point, index) => {
    const to = from + Math.max(0, point.value) / total;
    const d = slicePath(from, to, { cx: 100, cy: 100, radius: 92, hole: 52 });
    picture.append(makeSvg("path", { class: `chart-slice series-${index + 1}`, d }, makeSvg("title", {}, `${point.label}: ${shortNumber(point.value)}`)));
    from = to;
  });
  return picture;
}

function pieLegend(segments) {
  const total = segments.reduce((sum, point) => sum + Math.max(0, point.value), 0) || 1;
  return segments.map((point) => `${point.label} · ${Math.round((Math.max(0, point.value) / total) * 100)} %`);
}

function legend(names) {
  const one = (name, index) => make("li", {}, make("span", { class: `legend-mark series-${index + 1}`, "aria-hidden": "true" }), name);
  return make("ul", { class: "legend" }, ...names.map(one));
}

function numbers({ series, categories }) {
  const head = make("tr", {}, make("th", { scope: "col" }, ""), ...series.map(({ name }) => make("th", { scope: "col", class: "align-right" }, name)));
  const rows = categories.map((category) => {
    const values = series.map(({ data }) => make("td", { class: "align-right" }, String(pointOf(data, category)?.value ?? "")));
    return make("tr", {}, make("th", { scope: "row" }, category), ...values);
  });
  return make("table", { class: "table" }, make("thead", {}, head), make("tbody", {}, ...rows));
}
