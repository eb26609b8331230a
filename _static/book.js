// What scrolls must be focusable. The theme checks when the page loads and when the window is
// resized; this checks whenever an element changes its size, as code does when it is unfolded.
const observer = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    const overflows = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    target.tabIndex = overflows ? 0 : -1;
  }
});
document.querySelectorAll("pre, .cell_output > .output, .pst-scrollable-table-container")
  .forEach((each) => observer.observe(each));
