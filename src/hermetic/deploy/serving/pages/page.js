"use strict";
// Everything that is shown goes through textContent: an answer is text, whatever it holds.

function valueOf(field) {
  const text = field.value;
  if (text === "") return null;
  if (field.dataset.kind === "boolean") return text === "true";
  if (field.dataset.json === "yes") return JSON.parse(text);
  if (field.dataset.kind === "number" || field.dataset.kind === "integer") {
    const number = Number(text);
    return Number.isNaN(number) ? text : number;
  }
  if (field.dataset.kind === "unknown" && text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  return text;
}

function bodyOf(form) {
  const whole = form.querySelector("textarea[name=body]");
  if (whole) return whole.value;
  const fields = Array.from(form.querySelectorAll("[data-feature]"));
  let row;
  if (form.dataset.form === "texts") row = fields[0].value;
  else if (form.dataset.named === "yes") row = Object.fromEntries(fields.map((f) => [f.dataset.feature, valueOf(f)]));
  else row = fields.map(valueOf);
  const content = { rows: [row] };
  const method = form.querySelector("select[name=method]");
  if (method) content.method = method.value;
  return JSON.stringify(content);
}

async function send(form) {
  const shown = form.querySelector("output");
  shown.textContent = "…";
  try {
    const options = { method: form.dataset.method };
    if (options.method === "POST") {
      options.body = bodyOf(form);
      options.headers = { "content-type": "application/json" };
    }
    const start = performance.now();
    const response = await fetch(form.dataset.address, options);
    const text = await response.text();
    const milliseconds = (performance.now() - start).toFixed(1);
    let pretty = text;
    try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch (error) { /* it is no JSON, and shown as it is */ }
    shown.textContent = `${response.status}, ${milliseconds} ms\n${pretty.slice(0, 100000)}`;
  } catch (error) {
    shown.textContent = String(error);
  }
}

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
}
