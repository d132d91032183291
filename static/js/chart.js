// Draws the numbers of a chart's table with uPlot, for its cursor. The server's drawing stays, unseen: its colours follow the theme.
const [FLAG, DENSITY] = [16, globalThis.devicePixelRatio];

const colour = (svg, name, property) => getComputedStyle(svg.querySelector(name))[property];

function percent(value, digits = 2) {
  const text = `${Math.abs(value).toFixed(digits)}%`;
  return Number.parseFloat(text) === 0 ? text : `${value < 0 ? "\u2212" : "+"}${text}`;
}

// What uPlot has no part for: the line of zero, and the lettered flag at the story.
function mark({ ctx, bbox, valToPos }, svg, flag, font) {
  const x = Math.round(valToPos(flag, "x", true));
  const y = Math.round(valToPos(0, "y", true)) + 0.5;
  const size = FLAG * DENSITY;
  const line = (style, ...points) => {
    ctx.strokeStyle = style;
    ctx.stroke(new Path2D(`M${points.join("L")}`));
  };
  ctx.save();
  line(colour(svg, ".g-axis", "stroke"), [bbox.left, y], [bbox.left + bbox.width, y]);
  ctx.setLineDash([2 * DENSITY, 3 * DENSITY]);
  ctx.fillStyle = colour(svg, ".g-flag", "fill");
  line(ctx.fillStyle, [x, size], [x, bbox.top + bbox.height]);
  ctx.beginPath();
  ctx.roundRect(x - size / 2, 0, size, size, 3 * DENSITY);
  ctx.fill();
  ctx.fillStyle = colour(svg, ".g-letter", "fill");
  ctx.font = `700 ${11 * DENSITY}px ${font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(svg.querySelector(".g-letter").textContent, x, size / 2);
  ctx.restore();
}

function options(svg, days, flag, width, cursor) {
  const font = getComputedStyle(svg).fontFamily;
  const axis = { stroke: () => colour(svg, ".g-text", "fill"), font: `500 11px ${font}`, ticks: { show: false } };
  const last = Math.max(days.length - 1, flag, 1);
  const levels = svg.dataset.levels.split(" ").map(Number);
  const digits = [0, 1].find((places) => levels.every((level) => Number(level.toFixed(places)) === level)) ?? 2;
  return {
    width,
    height: Math.round(Math.min(208, 120 + width / 7)),
    legend: { show: false },
    cursor: { y: false, drag: { x: false } },
    padding: [FLAG + 8, 0, 0, 20],
    scales: { x: { time: false, range: [0, last] }, y: { range: [levels[0], levels.at(-1)] } },
    series: [{}, { stroke: () => colour(svg, ".g-line", "stroke"), width: 1.75, points: { show: false } }],
    axes: [
      { ...axis, grid: { show: false }, size: 24, space: 62, incrs: [1, 2, 5, 10], values: (_, places) => places.map((place) => days[place]?.slice(0, -5)) },
      { ...axis, side: 1, size: 52, splits: () => levels, grid: { stroke: () => colour(svg, ".g-grid", "stroke"), width: 1 }, values: () => levels.map((level) => percent(level, digits)) },
    ],
    hooks: {
      draw: [(plot) => mark(plot, svg, flag, font)],
      setCursor: [({ cursor: { idx }, data }) => (cursor.textContent = idx == null ? "" : `${days[idx]} ${percent(data[1][idx])}`)],
    },
  };
}

function enhance(chart) {
  chart.removeAttribute("data-chart");
  const place = chart.querySelector("[data-plot]");
  const [svg] = place.children;
  const rows = [...chart.querySelectorAll("tbody tr")];
  const days = rows.map((row) => row.querySelector("time").textContent);
  const values = rows.map((row) => 100 * Number(row.querySelector("data").value));
  const shape = options(svg, days, Number(chart.dataset.flag), place.clientWidth, chart.querySelector("[data-cursor]"));
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", svg.getAttribute("aria-label"));
  for (const drawing of place.children) drawing.toggleAttribute("hidden", true);
  const plot = new globalThis.uPlot(shape, [values.map((_, number) => number), values], place);
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: shape.height })).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
}

const enhanceAll = () => document.querySelectorAll("[data-chart]").forEach(enhance);
document.body.addEventListener("htmx:load", enhanceAll);
enhanceAll();
