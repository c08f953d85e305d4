"""The filter bench shows in the page, on small arrays, what hwlib says in CPython with NumPy."""

import json
import random
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import PATIENCE, begin, begin_by_keys, opened, show, wait_until, with_a_friend

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_playgrounds"))
import filter_bench

BENCH = ".filter"
PAGE = "convnets/filters.html"
SHOWN = """() => ({
  ...Object.fromEntries([...document.querySelectorAll(".filter [role=grid]")].slice(1).map(grid => [
    grid.ariaLabel.toLowerCase(),
    [...grid.children].map(row => [...row.children].map(cell => cell.textContent)),
  ])),
  sums: [...document.querySelectorAll(".filter-sums p:not(.filter-where)")].map(sum => sum.textContent),
  search: document.querySelector(".filter-search").textContent,
})"""


def address(image, kernel, place, is_search):
    parts = [image, ",".join(quote(entry, safe="") for entry in kernel), ",".join(map(str, place))]
    return f"#filter-bench={';'.join([*parts, *(['find'] if is_search else [])])}"


def said(*setting):
    """What hwlib says in CPython."""
    image, kernel, place, is_search = setting
    asked = {"image": image, "kernel": kernel, "place": place, "is_search": is_search}
    answer = json.loads(filter_bench.answer(json.dumps(asked)))
    return {
        "correlation": answer["correlation"],
        "convolution": answer["convolution"],
        "sums": list(answer["sums"].values()),
        "search": answer["search"],
    }


def test_at_a_hundred_settings_the_page_shows_what_hwlib_says(browser, origin):
    rng = random.Random(0)  # noqa: S311 - no secrets
    with opened(browser, f"{origin}/{PAGE}", BENCH) as page:
        for _ in range(100):
            setting = (
                "".join(rng.choice("01") for _ in range(25)),
                [rng.choice(["−9", "-1", "0", "1", "2", "0.25", "1/9"]) for _ in range(9)],
                (rng.randrange(5), rng.randrange(5)),
                rng.random() < 0.5,
            )
            show(page, BENCH, address(*setting))
            assert page.evaluate(SHOWN) == said(*setting), setting


def pixel(page, row, column):
    return page.locator(f".filter-painting [data-place='{row},{column}']")


def image_of(page):
    return "".join(page.locator(".filter-painting button").all_inner_texts())


def test_pressing_and_dragging_paint(page, origin):
    begin(page, f"{origin}/{PAGE}", BENCH)
    page.get_by_role("button", name="Find the image").click()
    wait_until(page, "document.querySelector('.filter-search').textContent !== ''")
    boxes = [pixel(page, 1, column).bounding_box() for column in (1, 2, 3)]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    page.mouse.move(*middles[0])
    page.mouse.down()
    for middle in middles:
        page.mouse.move(*middle)
    page.mouse.up()
    assert image_of(page) == "0" * 6 + "111" + "0" * 16
    page.mouse.move(*middles[0])  # the button is up
    pixel(page, 1, 2).click()
    assert image_of(page) == "0" * 6 + "101" + "0" * 16
    wait_until(page, "location.hash.includes('0000001010')")


def test_the_lost_image_is_found_by_keys_alone_and_can_be_shared(page, origin):
    begin_by_keys(page, f"{origin}/{PAGE}", BENCH)
    assert page.evaluate("document.activeElement.dataset.place") == "0,0"
    page.get_by_role("button", name="Find the image").focus()
    page.keyboard.press("Enter")
    pixel(page, 0, 0).focus()
    image = ["00000", "00111", "11110", "01110", "00100"]
    for row, pixels in enumerate(image):
        for wanted in pixels if row % 2 == 0 else reversed(pixels):
            if wanted == "1":
                page.keyboard.press("Space")
            page.keyboard.press("ArrowRight" if row % 2 == 0 else "ArrowLeft")
        page.keyboard.press("ArrowDown")
    wait_until(page, "document.querySelector('.filter-search').textContent.startsWith('Found')")
    told = "document.querySelector('.filter > [role=status]').textContent.startsWith('Found')"
    wait_until(page, told)
    assert image_of(page) == "".join(image)
    with with_a_friend(page, BENCH) as friend:
        assert friend.evaluate(SHOWN) == page.evaluate(SHOWN)
    page.go_back()
    wait_until(page, "document.querySelector('.filter-search').textContent === ''")


def test_the_window_slides_over_all_places_and_the_sums_follow(page, origin):
    begin(page, f"{origin}/{PAGE}", BENCH)
    places = set()
    for _ in range(25):
        before = page.locator(".filter-where").first.inner_text()
        page.get_by_role("button", name="Slide the window on").click()
        wait_until(page, "before => document.querySelector('.filter-where').textContent !== before", before)
        places.add(page.locator(".filter-where").first.inner_text())
    assert len(places) == 25
    grid = page.get_by_role("grid", name="Convolution")
    grid.locator("[data-place='0,4']").click()
    wait_until(page, "document.querySelector('.filter-where').textContent.endsWith('row 1, column 5')")
    assert page.locator(".filter-painting .filter-window").count() == 4  # at the corner


def test_a_kernel_is_chosen_by_name_or_typed_and_a_wrong_one_gets_words(page, origin):
    begin(page, f"{origin}/{PAGE}", BENCH)
    page.get_by_role("combobox", name="Kernel").select_option("sobel vertical")
    entries = [box.input_value() for box in page.locator(".filter-grid input").all()]
    assert entries == ["−1", "0", "1", "−2", "0", "2", "−1", "0", "1"]
    box = page.get_by_label("kernel, row 1, column 1")
    box.fill("x")
    wait_until(page, "document.querySelector('.filter-failure').textContent.includes(\"got 'x'\")")
    box.fill("7")
    wait_until(page, "document.querySelector('.filter-failure').textContent === ''")
    chosen = page.get_by_role("combobox", name="Kernel").locator("option:checked")
    assert chosen.inner_text() == "as typed below"


@pytest.mark.parametrize("broken", ["2" * 25, "0" * 24])
def test_an_address_that_is_none_of_its_own_is_not_followed(page, origin, broken):
    page.goto(f"{origin}/{PAGE}#filter-bench={broken};1,2,3,4,5,6,7,8,9;2,2")
    page.wait_for_selector(BENCH, timeout=PATIENCE)
    assert image_of(page) == "0" * 12 + "1" + "0" * 12
