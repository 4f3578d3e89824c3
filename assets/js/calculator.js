// The join page's calculator: makes the worked example live. Estimates in the currency's minor unit.
(() => {
  const WHOLE_BPS = 10_000;
  const language = document.documentElement.lang || undefined;

  function number(input) {
    const value = Number(input?.value);
    return Number.isFinite(value) && value > 0 ? value : 0;
  }

  function earned(row, scale) {
    const count = Math.floor(number(row.querySelector("[data-calculator-count]")));
    const each = number(row.querySelector("[data-calculator-each]")) * scale;
    const percent = Math.round((each * Number(row.dataset.bps)) / WHOLE_BPS);
    return count * (percent + Number(row.dataset.fixed));
  }

  for (const calculator of document.querySelectorAll("[data-calculator]")) {
    const { currency, exponent } = calculator.dataset;
    const digits = { minimumFractionDigits: Number(exponent), maximumFractionDigits: Number(exponent) };
    const format = new Intl.NumberFormat(language, { style: "currency", currency, ...digits });
    const rows = [...calculator.querySelectorAll("[data-calculator-row]")];
    const total = calculator.querySelector("[data-calculator-total]");
    const scale = 10 ** Number(exponent);

    const tell = () => (total.textContent = format.format(rows.reduce((sum, row) => sum + earned(row, scale), 0) / scale));

    for (const part of calculator.querySelectorAll("[data-calculator-static]")) part.hidden = true;
    for (const part of calculator.querySelectorAll("[data-calculator-live]")) part.hidden = false;
    calculator.addEventListener("input", tell);
    tell();
  }
})();
