"""A small site with each kind of content that the book has, in the form that Sphinx gives it."""

import base64
import functools
import shutil

import pytest

import lrnlib
from tools.downloads import pages
from tools.repository import ROOT
from tools.sphinx_ext.mathml import formula

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
TOC = """\
format: jb-book
root: intro
parts:
  - caption: Build it
    chapters: [{file: chapters/formula}]
  - caption: Reference
    chapters: [{file: chapters/notation}, {file: chapters/downloads}, {file: genindex}]
"""
N = formula("n")
ALIGNED = formula(
    r"\begin{split}\begin{aligned} y &= \sum_j x_j^2 \\ &\quad + 1 \end{aligned}\end{split}",
    display=True,
)
INTRO = """\
<h1>The book<a class="headerlink" href="#the-book">#</a></h1>
<p>Begin with <a href="chapters/formula.html">the formula</a>.</p>
<div class="toctree-wrapper"></div>"""
FORMULA = """\
<h1><span class="section-number">1. </span>Read the formula</h1>
<section id="same"><h2><span class="section-number">1.1. </span>Even
<span class="math">{n}</span></h2>
<p>See <a href="#term-same">same</a>, <a href="notation.html#same">the notation</a>,
<a href="../_static/book.css">a file</a>,
<a href="https://doi.org/10.1038/nrn3136">a paper</a> and <a href="#same">this</a>.</p>
<div class="math" tabindex="0">{aligned}</div>
<pre>print("\\(x &lt; 1\\)")</pre>
<img src="../_images/dot.png" alt="A dot.">
<form class="answer-box"><label>Answer</label><input><button>Check</button></form>
<details><summary>Solution</summary><p>It is 4.</p></details>
<details class="admonition hide"><summary><p>Show code cell source</p></summary>
<div class="highlight-ipython3 notranslate"><div class="highlight"><pre>hidden = 1</pre></div>
</div></details><dl><dt id="term-same">same</dt><dd>Equal.</dd></dl>
{explorer}
</section>"""
NOTATION = '<h1>Notation</h1><section id="same"><h2>Names</h2><p>All of them.</p></section>'
DOWNLOADS = "<h1>Take it with you</h1>" + "".join(
    f'<a href="../downloads/{name}" download>{name}</a> <span data-size-of="{name}"></span>'
    for name in ("lrn-book.pdf", "lrn-book.epub", "lrn-book-notebooks.zip",
                 "lrnlib-conformance-vectors.zip")
)  # fmt: skip


@functools.cache
def explorer():
    """It is drawn once: the picture takes a while."""
    return lrnlib.explorer()._repr_html_()


@pytest.fixture
def site(tmp_path, monkeypatch):
    """The folder of a built site, whose book is that of its own table of contents."""
    root = tmp_path / "source"
    root.mkdir()
    (root / "_toc.yml").write_text(TOC, encoding="utf-8")
    shutil.copy(ROOT / "_config.yml", root)
    monkeypatch.setattr(pages, "ROOT", root)
    built = tmp_path / "html"
    for name in ("chapters", "_images", "_static"):
        (built / name).mkdir(parents=True)
    (built / "_images/dot.png").write_bytes(PIXEL)
    for name in ("formulas.css", "math.woff"):
        shutil.copy(ROOT / "_static" / name, built / "_static")
    put(built, "intro", INTRO)
    put(built, "chapters/formula", FORMULA.format(n=N, aligned=ALIGNED, explorer=explorer()))
    put(built, "chapters/notation", NOTATION)
    put(built, "chapters/downloads", DOWNLOADS)
    return built


def put(built, name, body):
    """Write a page with the site's own parts around it."""
    text = f'<html><nav>Menu</nav><article class="bd-article">{body}</article>Footer</html>'
    (built / f"{name}.html").write_text(text, encoding="utf-8")
