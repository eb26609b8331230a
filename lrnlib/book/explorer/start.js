// The explorer in its page: its place, its keys, its width.

// Keys are the explorer's alone: JupyterLab would go to another cell, or delete this one. Ctrl+S
// and Shift+Enter remain the notebook's.
function keepKey(event) {
  const { ctrlKey, altKey, metaKey, shiftKey, key } = event;
  if (!ctrlKey && !altKey && !metaKey && !(shiftKey && key === "Enter")) event.stopPropagation();
}

// Take the first root of that id without a script: a page may hold the same explorer twice.
function start(id, settings) {
  const roots = [...document.querySelectorAll(`[id="${id}"]`)];
  const root = roots.find((each) => !each.dataset.live);
  if (!root) return;
  root.dataset.live = "true";
  root.addEventListener("keydown", keepKey);
  for (let n = 2; document.getElementById(root.id) !== root; n += 1) root.id = `${id}-${n}`;
  const explorer = new Explorer(root, settings);
  root.replaceChildren(...explorer.parts);
  explorer.measure();
  explorer.setAll(settings.parameters);
  // Draw again only for another width: drawing changes the height.
  new ResizeObserver(() => {
    if (explorer.width === explorer.figure.clientWidth) return;
    explorer.measure();
    explorer.redraw();
  }).observe(explorer.figure);
}
