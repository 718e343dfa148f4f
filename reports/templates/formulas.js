// A button at each formula that copies its LaTeX.
const say = (text) => { document.getElementById("said").textContent = text; };
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
for (const formula of document.querySelectorAll(".display")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "LaTeX";
  button.setAttribute("aria-label", "Copy LaTeX");
  button.addEventListener("click", async () => {
    await copy(formula.dataset.latex);
    button.textContent = "copied";
    say("LaTeX copied");
    setTimeout(() => { button.textContent = "LaTeX"; say(""); }, 2500);
  });
  formula.append(button);
}
