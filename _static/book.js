// What scrolls can be reached by the keyboard. The theme would measure all of a page at once, and
// only when the window changes; this measures each when it is first shown or changes its size,
// as code does that is unfolded.
const scrolling = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    const hidden = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    target.tabIndex = hidden ? 0 : -1;
  }
});
document.querySelectorAll("pre, .cell_output > .output, .pst-scrollable-table-container")
  .forEach((each) => scrolling.observe(each));
