"""`explorer` in a real browser: its numbers, its settings, its place in a page."""

import re

import numpy as np

import lrnlib
from tests.book.browser import full, numbers, put

# What a reader would type into each field in turn, for each case, and what is shown then.
TYPE_ALL = """(cases) => cases.map((texts) => {
  ["typed", "depth_radius", "bias", "alpha", "beta"].forEach((name, k) => {
    const field = document.querySelector(".lrn-" + name);
    field.value = texts[k];
    field.dispatchEvent(new Event("input"));
  });
  const columns = [...document.querySelectorAll(".lrn-column")]
    .sort((a, b) => a.dataset.channel - b.dataset.channel);
  const numbers = columns.map((column) => [column.dataset.x, column.dataset.y]);
  return [numbers, document.querySelector(".lrn-why").textContent];
})"""
NAMES = ("depth_radius", "bias", "alpha", "beta")


# Below 0, and 0, which no input overflows.
OTHER_BETAS = [
    (np.array([0.0, 1.0]), (0, 0, 0, -0.5)),
    (np.array([3.0, -4.0]), (1, 0.5, 2.0, -1.25)),
    (np.array([np.inf, 1, np.nan, 2, 0]), (1, 1, 0, 0)),
    (np.array([1e300, 1e-300]), (1, 1e-300, 1e300, 0)),
]


def random_input(rng):
    """A pixel and four parameters whose squares and powers fit a double."""
    x = rng.normal(size=rng.integers(1, 65))
    x *= 10.0 ** rng.choice([0, 0, 1, 3, -3, 50, -50])
    if rng.random() < 0.3:
        x *= 10.0 ** rng.uniform(-10, 3, x.size)
    x[rng.random(x.size) < rng.choice([0, 0.2, 0.9])] = 0
    if rng.random() < 0.1:
        x[rng.integers(x.size)] = rng.choice([np.nan, np.inf, -np.inf])
    return x, (
        int(rng.integers(0, 41)),
        float(rng.choice([0, 1, 10.0 ** rng.uniform(-8, 3)])),
        float(rng.choice([0, 1, 10.0 ** rng.uniform(-6, 3), 10.0 ** rng.uniform(-6, 3)])),
        float(rng.choice([0, 0.5, 0.75, 1, 2, rng.uniform(0, 2), rng.uniform(0, 2)])),
    )


def test_its_numbers_are_lrnlib_s(show):
    """OTHER_BETAS and 200 random inputs: x exactly, y to 1e-6, NaN where lrnlib has it."""
    page, rng = show(), np.random.default_rng(6)
    page.select_option("select", "own")
    cases = [*OTHER_BETAS, *(random_input(rng) for _ in range(200))]
    typed = [[" ".join(map(repr, x.tolist())), *map(repr, p)] for x, p in cases]
    kinds = set()
    for (x, p), (shown, text) in zip(cases, page.evaluate(TYPE_ALL, typed), strict=True):
        shown_x, shown_y = np.array(shown, dtype=float).T
        np.testing.assert_array_equal(shown_x, x)
        expected = lrnlib.lrn(x, *p)
        np.testing.assert_allclose(shown_y, expected, rtol=1e-6, atol=1e-320)
        assert "Beyond the range" not in text
        kinds |= {"nan" if np.isnan(v) else "inf" if np.isinf(v) else "finite" for v in expected}
    assert kinds == {"nan", "inf", "finite"}


def test_it_starts_with_its_arguments(show):
    """The given pixels come first, then those that every explorer has."""
    x = [[1, np.inf, 3], [np.nan, -np.inf, 1e300]]
    page = show(lrnlib.explorer(x, 1, 2, 0.25, 0.75, channel=-1))
    np.testing.assert_array_equal(numbers(page)[0], x[0])
    assert [page.input_value(f".lrn-{name}") for name in NAMES] == ["1", "2", "0.25", "0.75"]
    assert page.get_attribute(".lrn-bars", "aria-valuenow") == "2"
    page.select_option("select", label="pixel 1")
    np.testing.assert_array_equal(numbers(page)[0], x[1])
    assert page.locator("option").count() == 2 + 4 + 2 + 4 + 1


def test_presets(show):
    """Each sets all four parameters, and is marked until one changes.

    PixelNorm's radius is N - 1 and its alpha 1/N, of the N channels that are shown.
    """
    page = show()
    expected = {
        "TensorFlow’s defaults": (5, 1, 1, 0.5),
        "AlexNet": (2, 2, 1e-4, 0.75),
        "PixelNorm": (7, 1e-8, 1 / 8, 0.5),
        "Article": (2, 0, 1, 1),
    }
    for name, parameters in expected.items():
        button = page.get_by_role("button", name=name)
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        assert page.locator("[aria-pressed=true]").count() == 1
        y = lrnlib.lrn(np.arange(1.0, 9), *parameters)
        np.testing.assert_allclose(numbers(page)[1], y, rtol=1e-12)
    put(page, bias=1)
    assert page.locator("[aria-pressed=true]").count() == 0
    x = np.array([1.0, 2, 3])
    put(page, x)
    page.click("text=PixelNorm")
    expected = x / np.sqrt(np.mean(x**2) + 1e-8)
    np.testing.assert_allclose(numbers(page)[1], expected, rtol=1e-12)


def test_two_explorers_do_not_disturb_one_another(show):
    """Not even the same one twice: each has its own id, state and errors."""
    page = show(lrnlib.explorer(), lrnlib.explorer(), lrnlib.explorer([1, 2]))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(set(ids)) == len(ids)
    roots = [f"#{name}" for name in ids if re.fullmatch(r"lrn-explorer-\w{8}(-2)?", name)]
    before = [numbers(page, root) for root in roots]
    page.fill(f"{roots[1]} .lrn-bias", "3")
    page.fill(f"{roots[1]} .lrn-beta", "?")
    page.click(f"{roots[1]} >> text=▶")
    for root, old in zip(roots, before, strict=True):
        changed = root == roots[1]
        assert np.array_equal(numbers(page, root), old) != changed
        assert bool(page.inner_text(f"{root} .lrn-sliders .lrn-error >> nth=3")) == changed
    at = [page.get_attribute(f"{root} .lrn-bars", "aria-valuenow") for root in roots]
    assert at == ["3", "4", "0"]


def test_it_starts_where_the_page_puts_scripts_in_later(show):
    """As JupyterLab does: it inserts the HTML, then replaces each script by a copy."""
    page = show(html="{}<div id=later></div>")
    page.evaluate(
        """(html) => {
          const host = document.querySelector("#later");
          host.innerHTML = html;
          for (const old of [...host.getElementsByTagName("script")]) {
            const copy = document.createElement("script");
            copy.textContent = old.textContent;
            old.parentNode.replaceChild(copy, old);
          }
        }""",
        lrnlib.explorer()._repr_html_(),
    )
    assert page.locator(".lrn-bars").count() == 2
    assert page.locator("#later .lrn-full").inner_text() == full(page)


def test_without_scripts_the_picture_is_seen(show):
    """Not wider than the page, and without controls."""
    page = show(java_script_enabled=False, width=360, wait=False)
    box = page.locator("img").bounding_box()
    assert 250 < box["width"] <= 360
    assert page.locator("input, select, button").count() == 0
    assert "Where scripts run" in page.inner_text(".lrn-explorer")
    assert not page.get_by_text("run this cell").is_visible()  # it is no notebook's
    page.eval_on_selector("style", "(style) => style.remove()")  # as an untrusted one does
    assert page.get_by_text("run this cell").is_visible()
