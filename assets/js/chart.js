// Draws every [data-chart] from the JSON beside it with uPlot. The table behind it is already in
// the page; see templates/components/chart.html for the data.
(() => {
  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const language = document.documentElement.lang || undefined;

  function axisNumbers(unit) {
    const style = unit ? { style: "currency", currency: unit.currency, maximumFractionDigits: 1 } : {};
    const format = new Intl.NumberFormat(language, { notation: "compact", ...style, minimumFractionDigits: 0 });
    const scale = unit ? 10 ** unit.exponent : 1;
    return (value) => format.format(value / scale);
  }

  function series(chart) {
    const [now, before] = chart.series;
    const bars = chart.kind === "bars";
    const line = { label: now, stroke: colour("--color-primary"), width: bars ? 0 : 2, points: { show: false } };
    line.fill = colour(bars ? "--fl-chart-bar" : "--fl-chart-fill");
    if (bars) line.paths = uPlot.paths.bars({ size: [0.7, 24], radius: 0.15 });
    const thin = { label: before, stroke: colour("--fl-chart-before"), width: 1, dash: [4, 3], points: { show: false } };
    return [{}, line, ...(before ? [thin] : [])];
  }

  function axes(chart) {
    const ink = colour("--fl-muted");
    const font = `12px ${colour("--font-sans") || "sans-serif"}`;
    const grid = { stroke: colour("--color-base-300"), width: 1 };
    const number = axisNumbers(chart.unit);
    return [
      { stroke: ink, font, grid: { show: false }, ticks: { show: false }, gap: 6, space: 72, size: 28,
        incrs: [1, 2, 3, 5, 7, 10, 14, 30, 60, 90], values: (_, at) => at.map((i) => chart.rows[i]?.label ?? "") },
      { stroke: ink, font, grid, ticks: { show: false }, gap: 8, space: 40,
        incrs: chart.unit ? undefined : [1, 2, 5].flatMap((n) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map((e) => n * 10 ** e)).sort((a, b) => a - b),
        size: (_, values) => 16 + 7 * Math.max(3, ...(values ?? []).map((text) => text.length)),
        values: (_, at) => at.map(number) },
    ];
  }

  // From zero, with air above; a chart of nothing still has a scale.
  function range(_plot, low, high) {
    return [Math.min(0, low ?? 0), Math.max(high ?? 0, 1) * 1.1];
  }

  function tip(chart) {
    const box = document.createElement("div");
    box.className = "ui-chart-tip";
    box.hidden = true;
    return {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const row = chart.rows[plot.cursor.idx];
        box.hidden = !row || plot.cursor.left < 0;
        if (box.hidden) return;
        fill(box, chart, row);
        const left = plot.valToPos(plot.cursor.idx, "x");
        const flip = left + box.offsetWidth + 16 > plot.over.offsetWidth;
        box.style.transform = `translate(${Math.max(0, flip ? left - box.offsetWidth - 8 : left + 8)}px, 8px)`;
      },
    };
  }

  function fill(box, chart, row) {
    const title = document.createElement("strong");
    title.textContent = row.label;
    const lines = chart.series.map((name, index) => {
      const line = document.createElement("div");
      for (const text of [name, row.texts?.[index] ?? row.values[index]]) {
        line.append(Object.assign(document.createElement("span"), { textContent: text }));
      }
      return line;
    });
    box.replaceChildren(title, ...lines);
  }

  function draw(host) {
    const chart = JSON.parse(document.getElementById(host.dataset.sourceId).textContent);
    const columns = chart.series.map((_, index) => chart.rows.map((row) => row.values[index]));
    const data = [chart.rows.map((_, index) => index), ...columns];
    const bars = chart.kind === "bars";
    const options = {
      width: host.clientWidth,
      height: host.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
      padding: [8, bars ? 0 : 8, 0, 0],
      scales: { x: { time: false, range: (_, low, high) => (bars ? [low - 0.6, high + 0.6] : [low, high]) }, y: { range } },
      series: series(chart),
      axes: axes(chart),
      plugins: [{ hooks: tip(chart) }],
    };
    host.plot?.destroy();
    host.plot = new uPlot(options, data, host);
  }

  const resizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.plot && target.clientWidth) target.plot.setSize({ width: target.clientWidth, height: target.clientHeight });
    }
  });

  function start(root) {
    for (const host of root.querySelectorAll("[data-chart]")) {
      if (host.plot) continue;
      draw(host);
      resizes.observe(host);
    }
  }

  const redraw = () => document.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("fairlead:theme", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("htmx:load", (event) => start(event.detail.elt.parentElement ?? document));
  document.addEventListener("DOMContentLoaded", () => start(document));
})();
