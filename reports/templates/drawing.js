// On the map, a node under the pointer or in focus brings out all that it uses and all that uses it.
for (const map of document.querySelectorAll(".map svg")) {
  const edges = [...map.querySelectorAll("path[data-from]")], nodes = [...map.querySelectorAll("[data-node]")];
  const reach = (start, from, to) => {
    const seen = new Set([start]);
    for (const node of seen) for (const edge of edges) if (edge.dataset[from] === node) seen.add(edge.dataset[to]);
    return seen;
  };
  const show = (name) => {
    const before = reach(name, "to", "from"), after = reach(name, "from", "to");
    const within = (a, b) => (before.has(a) && before.has(b)) || (after.has(a) && after.has(b));
    map.classList.toggle("tracing", name !== null);
    for (const edge of edges) edge.classList.toggle("traced", within(edge.dataset.from, edge.dataset.to));
    for (const node of nodes) node.classList.toggle("traced", before.has(node.dataset.node) || after.has(node.dataset.node));
  };
  for (const node of nodes) {
    for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => show(node.dataset.node));
    for (const event of ["pointerleave", "blur"]) node.addEventListener(event, () => show(null));
  }
}
// Evidence is printed even where it is folded.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details.printed:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
