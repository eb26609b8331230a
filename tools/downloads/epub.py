"""The book as one EPUB 3, converted by pandoc from the pages that the PDF is printed from."""

import io
import json
import re
import tempfile
import textwrap
import uuid
from pathlib import Path

import matplotlib.pyplot as plt
import pypandoc
from bs4 import BeautifulSoup

from lrnlib.book import figures
from tools.downloads.pages import LICENCES, Article, articles, settings
from tools.repository import address

TOOLS = Path(__file__).parent
PYTHON = re.compile(r'(<div class="[^"]*highlight-(?:ipython3|python|default)[^>]*><div[^>]*><pre)')
HEADINGS = re.compile("^h[1-6]$")
OPTIONS = (
    "--mathml", "--split-level=2", "--toc", "--toc-depth=3", "--syntax-highlighting=haddock",
    f"--css={TOOLS / 'epub.css'}", "--fail-if-warnings",  # a missing picture, an unknown formula
)  # fmt: skip


def write_epub(built: Path, target: Path) -> None:
    """Convert the built site's pages, with a cover, a title page and a table of contents."""
    with tempfile.TemporaryDirectory() as folder:
        picture, metadata = Path(folder, "cover.png"), Path(folder, "metadata.json")
        picture.write_bytes(_cover(*settings()["title"].split(": ")))
        metadata.write_text(json.dumps(_metadata()), encoding="utf-8")
        pypandoc.convert_text(
            "\n".join(map(_chapter, articles(built))),
            to="epub3",
            format="html+tex_math_single_backslash",
            outputfile=str(target),
            extra_args=[
                *OPTIONS,
                f"--resource-path={built}",
                f"--epub-cover-image={picture}",
                f"--metadata-file={metadata}",
            ],
        )


def _cover(title: str, subtitle: str) -> bytes:
    """The title above the book's first figure, as a PNG."""
    picture, cover = io.BytesIO(), io.BytesIO()
    with plt.style.context([figures.STYLE, {"figure.constrained_layout.use": False}]):
        first = figures.stack()
        first.savefig(picture, format="png", dpi=2 * first.dpi)
        figure = plt.figure(figsize=(6, 9))
        figure.text(0.1, 0.8, textwrap.fill(title, 16), fontsize=27, weight="bold")
        figure.text(0.1, 0.74, subtitle, fontsize=16)
        axes = figure.add_axes((0.06, 0.12, 0.88, 0.5))
        axes.imshow(plt.imread(io.BytesIO(picture.getvalue())))
        axes.set_axis_off()
        figure.savefig(cover, format="png", metadata={"Software": None})
        plt.close(first)
        plt.close(figure)
    return cover.getvalue()


def _chapter(article: Article) -> str:
    """One page as pandoc reads it: formulas as TeX, and ids where pandoc keeps them."""
    for tag in article.body.select(".math:has(> math)"):
        left, right = (r"\[", r"\]") if tag.name == "div" else (r"\(", r"\)")
        if tag.find_parent(HEADINGS):  # else the table of contents is invalid
            tag.name, tag.string = "em", tag.get_text()
        else:
            tag.math.replace_with(f"{left}{tag.math['alttext']}{right}")
    for term in article.body.select("dt[id]"):
        anchor = BeautifulSoup(f'<span id="{term.attrs.pop("id")}"></span>', "html.parser")
        term.insert(0, anchor)
    article.body.find(HEADINGS)["id"] = article.id
    return article.part_heading() + PYTHON.sub(r'\1 class="python"', article.markup())


def _metadata() -> dict:
    """What the book is, whose it is, and who can read it."""
    config = settings()
    site, code = config["html"]["baseurl"], f"https://github.com/{address()}"
    return {
        "title": config["title"],
        "author": config["author"],
        "lang": "en-GB",
        "identifier": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, site)}",
        "source": site,
        "rights": f"{LICENCES}  \nThe book: <{site}>  \nThe code: <{code}>",
        "accessModes": ["textual", "visual"],
        "accessModeSufficient": ["textual"],
        "accessibilityFeatures": [
            "alternativeText", "MathML", "tableOfContents", "structuralNavigation"
        ],
        "accessibilityHazards": ["none"],
        "accessibilitySummary": "Every picture has a description, every formula is MathML.",
    }  # fmt: skip
