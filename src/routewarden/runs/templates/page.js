"use strict";
// Sort by the exact value behind a cell, not by what is shown; text sorts as text, empty cells last.
const number = /^-?\d+(\.\d+)?$/;
const exact = (row, at) => row.cells[at].dataset.v;
function compare(at, sign) {
  return (a, b) => {
    const x = exact(a, at), y = exact(b, at);
    if (x === "" || y === "") return (x === "") - (y === "");
    return sign * (number.test(x) && number.test(y) ? x - y : x.localeCompare(y));
  };
}
function sort(head) {
  const table = head.closest("table"), body = table.tBodies[0];
  const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
  body.append(...[...body.rows].sort(compare(head.cellIndex, sign)));
}
function filter(box) {
  const whole = box.closest(".table"), words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of whole.querySelectorAll("tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  whole.querySelector(".count").textContent = words.length ? `${shown} rows` : "";
}
// A spreadsheet runs text that begins like a formula: such text is given a leading quotation mark.
function field(value) {
  const safe = /^[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n\0]/.test(value) && !number.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
function download(button) {
  const table = button.closest(".table").querySelector("table");
  const heads = [...table.tHead.rows[0].cells].map((cell) => field(cell.dataset.v));
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden)
    .map((row) => [...row.cells].map((cell) => field(cell.dataset.v)).join(","));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([[heads.join(","), ...rows].join("\r\n")], { type: "text/csv" }));
  link.download = button.dataset.csv;
  link.click();
  URL.revokeObjectURL(link.href);
}
// What a link leads to may be folded away: open it, and what it lies in.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (target) target.scrollIntoView();
}
const contents = document.querySelector("nav details");
if (matchMedia("(max-width: 760px)").matches) contents.open = false;
addEventListener("hashchange", unfold);
addEventListener("beforeprint", () => { for (const fold of document.querySelectorAll("details")) fold.open = true; });
unfold();
for (const title of document.querySelectorAll(".sort")) {
  title.addEventListener("click", () => sort(title.closest("th")));
  title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    sort(title.closest("th"));
  });
}
for (const box of document.querySelectorAll("[data-filter]")) box.addEventListener("input", () => filter(box));
for (const button of document.querySelectorAll("[data-csv]")) button.addEventListener("click", () => download(button));
