// The theme lets the keyboard reach what scrolls, but looks for it only when the window changes:
// code that is unfolded, or on a tab that was not shown, is to be found as well.
for (const kind of ["toggle", "change"]) {
  document.addEventListener(kind, () => window.dispatchEvent(new Event("resize")), true);
}
