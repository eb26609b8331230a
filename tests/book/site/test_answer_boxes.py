"""Where a page of a built book has answer boxes, and where it does not."""

import io

import nbformat
import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from lrnlib.book.exercises import EXERCISES
from lrnlib.book.exercises._grading import UNANSWERED
from tools.sphinx_ext import assets
from tools.sphinx_ext.answer_boxes import form

THEME = {
    "repository_url": f"https://{'github.com'}/ada/a-book",
    "repository_branch": "main",
    "launch_buttons": {"colab_url": "https://colab.test"},
}


def code(source, output=UNANSWERED, **metadata):
    """A cell that shows this output."""
    shown = [nbformat.v4.new_output("execute_result", {"text/plain": output})]
    return nbformat.v4.new_code_cell(source, outputs=shown, metadata=metadata)


def stub(name, answer="answer_1 = ..."):
    return code(f"from lrnlib.book import exercises\n\n{answer}\nexercises.{name}(answer_1)")


@pytest.fixture
def build(tmp_path):
    """Builds a page of exercises with these cells, and returns it with the warnings."""

    def built(*cells, builder="html"):
        text = nbformat.v4.new_markdown_cell
        notebook = nbformat.v4.new_notebook(
            cells=[text("# A page"), stub("ten_times"), text("## Exercises\n\nOne."), *cells],
            metadata={"language_info": {"name": "python", "pygments_lexer": "ipython3"}},
        )
        nbformat.write(notebook, tmp_path / "index.ipynb")
        out, warnings = tmp_path / builder, io.StringIO()
        settings = {
            "extensions": ["myst_nb", "tools.sphinx_ext.answer_boxes"],
            "nb_execution_mode": "off",
            "source_suffix": {".ipynb": "myst-nb"},  # else myst_nb changes Sphinx's for all tests
            "html_theme": "sphinx_book_theme",
            "html_theme_options": THEME,
        }
        with docutils_namespace():
            app = Sphinx(
                str(tmp_path), None, str(out), str(tmp_path / "trees"), builder,
                confoverrides=settings, status=None, warning=warnings,
            )  # fmt: skip
            app.build()
        (page,) = out.glob("index.*")
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        return soup.select_one("article") or soup, warnings.getvalue()

    return built


def test_a_box_stands_behind_each_stub_without_its_output(build):
    """Not behind a call elsewhere."""
    page, warnings = build(stub("ten_times"), stub("narrower_window"))
    boxes = page.select(".answer-stub + .answer-box")
    assert [str(box) for box in boxes] == [
        str(BeautifulSoup(form(EXERCISES[name], number), "html.parser"))
        for number, name in enumerate(["ten_times", "narrower_window"], 1)
    ]
    outputs = [output.get_text().strip() for output in page.select(".cell_output")]
    assert outputs == [UNANSWERED]
    assert warnings == ""


def test_a_function_is_for_colab(build):
    """Its stub is shown, and a link to the notebook of the page."""
    page, _ = build(stub("exact_result", "def answer_1(pixel):\n    ..."))
    link = page.select_one(".answer-stub + p > a.answer-colab")
    assert link["href"] == f"https://colab.test/{'github'}/ada/a-book/blob/main/index.ipynb"
    assert link.get_text() == "Try it in Colab"
    assert page.select("form, #exercises .cell_output") == []
    assert "def answer_1" in page.select_one(".answer-stub").get_text()


def test_an_exercise_that_does_not_exist_is_a_warning(build):
    """With -W the build fails."""
    page, warnings = build(stub("ten_time"))
    assert "there is no exercise 'ten_time'" in warnings
    assert page.select("form") == []


def test_only_web_pages_have_boxes(build):
    """Other builders keep what the notebook has."""
    page, _ = build(stub("ten_times"), builder="text")
    assert page.get_text().count(UNANSWERED) == 2
    assert "Check" not in page.get_text()


@pytest.mark.parametrize(("body", "scripts"), [('<form class="answer-box">', 1), ("<p>", 0)])
def test_only_a_page_with_boxes_loads_their_script(body, scripts):
    page = BeautifulSoup(f'{body}<script src="_static/answers.js?v=1"></script>', "html.parser")
    assets.scripts(page)
    assert len(page.select("script[defer]")) == scripts
    assert len(page.select("script")) == scripts
