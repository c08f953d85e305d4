"""The convnet designer shows what hwlib says in CPython."""

import json
import random
import re
from dataclasses import fields
from math import floor
from urllib.parse import quote

import pytest
from browsing import PATIENCE, begin, begin_by_keys, opened, show, wait_until, with_a_friend

from hwlib.convnets import AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, Unflatten, summarize

SIZE = "convnets/size.html"
DESIGNER = ".designer"
ROWS = """() => [...document.querySelectorAll(".designer-table tbody tr:not(.designer-error)")].map(row => [
  row.querySelector("label").innerText.trim(), ...[...row.querySelectorAll("td")].map(td => td.textContent)
])"""
PUBLISHED = {  # parameters: the source's two, the sum of LeCun et al.'s layers, and those that papers give
    "The source's CNN": 30,
    "The source's FCNN": 1_119_552,
    "LeNet-5": 61_706,
    "AlexNet": 60_965_224,
    "VGG-16": 138_357_544,
}


@pytest.fixture(scope="module")
def designer(browser, origin):
    with opened(browser, f"{origin}/{SIZE}", DESIGNER) as page:
        yield page


def options(layer):
    """A layer's options as they are written in the address of the page."""
    for field in fields(layer):
        value = getattr(layer, field.name)
        if value is not None:
            text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield f"{field.name}={quote(text, safe='')}"


def written(layers, input_shape, selected=None):
    """A network as it is written in the address of the page."""

    parts = [f"{type(layer).__name__}({','.join(options(layer))})" for layer in layers]
    selected = len(layers) if selected is None else selected
    return f"#convnet-designer={';'.join([','.join(map(str, input_shape)), *parts])}@{selected}"


def numbers(cells):
    return [int(cell.replace(",", "")) for cell in cells]


def size_of(cell):
    """A size as hwlib has it."""
    if cell == "–":
        return None
    lengths = numbers(cell.split(" × "))
    return lengths[0] if len(lengths) == 1 else tuple(lengths)


def random_network(rng):
    """Layers that fit each other, with all of their options."""
    shape = (rng.randint(1, 6), rng.randint(8, 64), rng.randint(8, 64))
    layers = []
    for _ in range(rng.randint(1, 7)):
        last = summarize(layers, shape).rows[-1].output_shape
        for _ in range(20):
            layer = random_layer(rng, last)
            try:
                summarize([*layers, layer], shape)
            except ValueError:
                continue
            layers.append(layer)
            break
    return layers, shape


def random_layer(rng, shape):
    def size(low, high):
        return rng.choice([rng.randint(low, high), (rng.randint(low, high), rng.randint(low, high))])

    if len(shape) == 1:
        return rng.choice([Linear(rng.randint(1, 50), bias=rng.random() < 0.5), Unflatten((1, 1, shape[0]))])
    groups = rng.choice([1, shape[0]])
    convolution = Conv2d(
        groups * rng.randint(1, 4), size(1, 5), size(1, 3), size(0, 2), size(1, 3), groups, rng.random() < 0.5
    )
    pool = rng.choice([MaxPool2d, AvgPool2d])(size(2, 4), rng.choice([None, size(1, 3)]), rng.randint(0, 1))
    return rng.choice([convolution, convolution, pool, Flatten()])


def test_on_random_networks_the_page_shows_what_hwlib_says(designer):
    rng = random.Random(0)  # noqa: S311 - no secrets
    for _ in range(100):
        layers, shape = random_network(rng)
        selected = rng.randint(1, len(layers) + 1)
        show(designer, DESIGNER, written(layers, shape, selected))
        summary = summarize(layers, shape)
        head, *rows, total = designer.evaluate(ROWS)
        assert head[0] == "input"
        for position, (shown, row) in enumerate(zip([head, *rows], summary.rows, strict=True)):
            name, output, *counts, field, stride = shown
            assert name == (f"{position}. {row.layer}" if position else "input")
            assert tuple(numbers(output.split(" × "))) == row.output_shape
            assert numbers(counts) == [row.parameters, row.neurons, row.multiply_adds]
            assert (size_of(field), size_of(stride)) == (row.receptive_field, row.stride)
        assert numbers(total[2:5]) == [summary.parameters, summary.neurons, summary.multiply_adds]
        check_arithmetic(designer, summary, selected)


def check_arithmetic(page, summary, selected):
    """Work out what stands before each "=" and find what stands after it among hwlib's figures."""
    lines = page.locator(".designer-arithmetic dd").all_text_contents()
    assert lines
    owner = summary if selected == len(summary.rows) else summary.rows[selected]
    known = {owner.parameters, owner.neurons, owner.multiply_adds}
    if selected < len(summary.rows):
        for sizes in (owner.output_shape, owner.receptive_field, owner.stride):
            known |= set(sizes if isinstance(sizes, tuple) else (sizes,))
    for line in lines:
        left, _, right = line.rpartition(" = ")
        assert int(right.replace(",", "")) in known, line
        if left:
            python = left.replace(",", "").replace("·", "*").replace("−", "-")
            python = python.replace("⌊", "floor(").replace("⌋", ")")
            assert eval(python, {"floor": floor}) == int(right.replace(",", "")), line  # noqa: S307 - arithmetic


@pytest.mark.parametrize("title", PUBLISHED)
def test_a_preset_has_the_parameters_that_its_paper_gives(title, designer):
    designer.get_by_role("button", name=title, exact=True).click()
    wanted = f"{PUBLISHED[title]:,}"
    wait_until(
        designer,
        "wanted => document.querySelector('.designer-total td:nth-of-type(2)').textContent === wanted",
        arg=wanted,
    )


def test_errors_are_the_words_of_hwlib_beside_their_layers(designer):
    layers = [Conv2d(4, 3), Linear(3)]
    with pytest.raises(ValueError, match="put Flatten") as error:
        summarize(layers, (1, 8, 8))
    show(designer, DESIGNER, written(layers, (1, 8, 8)))
    assert designer.locator(".designer-error").all_text_contents() == [str(error.value)]
    row = designer.locator("tr:has(+ .designer-error)")
    assert "Linear" in row.inner_text()
    assert designer.locator(".designer-form .designer-words").inner_text() == str(error.value)


@pytest.mark.parametrize("typed", ["0", "3, 3, 3", "2.5", "three", "-1"])
def test_what_is_mistyped_is_answered_in_the_words_of_hwlib(typed, designer):
    show(designer, DESIGNER, written([Conv2d(4, 3)], (1, 8, 8)))
    box = designer.get_by_label("kernel_size", exact=True)
    box.fill(typed)
    try:
        value = json.loads(f"[{typed}]")
        value = value[0] if len(value) == 1 else tuple(value)
    except ValueError:
        value = typed
    with pytest.raises((TypeError, ValueError)) as error:
        Conv2d(4, value)
    wait_until(
        designer,
        "words => document.querySelector('.designer-error')?.textContent === words",
        arg=str(error.value),
    )
    assert box.get_attribute("aria-invalid") == "true"
    assert box.evaluate("box => box === document.activeElement")


def test_the_network_is_in_the_address_and_outlives_it(page, origin):
    begin(page, f"{origin}/{SIZE}", DESIGNER)
    begun = page.evaluate(ROWS)
    page.get_by_role("button", name="LeNet-5").click()
    page.get_by_label("out_features").fill("26")
    wait_until(page, "document.querySelector('.designer').dataset.answered.includes('out_features=26')")
    before, address = page.evaluate(ROWS), page.url
    page.reload()
    page.wait_for_selector(DESIGNER, timeout=PATIENCE)
    assert page.evaluate(ROWS) == before
    with with_a_friend(page, DESIGNER) as friend:
        assert friend.evaluate(ROWS) == before
        assert friend.url == address
    page.go_back()
    wait_until(page, f"begun => JSON.stringify(({ROWS})()) === JSON.stringify(begun)", begun)


def test_the_cells_are_those_of_the_receptive_field(designer):
    show(designer, DESIGNER, written([Conv2d(1, 5), MaxPool2d(2), Conv2d(1, 5)], (1, 32, 32)) + ",5,5")
    assert designer.locator(".designer-drawing .field-seen").get_attribute("d") == "M10 10h14v14h-14z"
    designer.get_by_label("The neuron's column").fill("6")
    wait_until(designer, "document.querySelector('.field-seen').getAttribute('d').startsWith('M12 10')")
    show(designer, DESIGNER, written([Conv2d(1, 3, dilation=2)], (1, 9, 9)) + ",0,0")
    cells = designer.locator(".designer-drawing .field-seen").get_attribute("d")
    assert len(re.findall("M", cells)) == 9


def test_pointing_at_a_pixel_chooses_the_neuron_over_it(designer):
    show(designer, DESIGNER, written([Conv2d(1, 3, padding=1)], (1, 10, 10)))
    box = designer.locator(".designer-drawing .field-image").bounding_box()
    designer.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    wait_until(designer, "document.querySelector('.designer').dataset.answered.endsWith('@1,7,2')")


def test_it_can_be_used_by_keyboard_alone(page, origin):
    begin_by_keys(page, f"{origin}/{SIZE}", DESIGNER)
    assert page.evaluate("document.activeElement.type") == "radio"
    page.keyboard.press("ArrowUp")  # from the last layer to the one before
    wait_until(page, "document.querySelector('legend').textContent.includes('Layer 4: MaxPool2d')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "kernel_size"
    page.keyboard.press("Control+A")
    page.keyboard.type("4")
    wait_until(page, "document.querySelector('.designer-selected').textContent.includes('MaxPool2d(4)')")
    while page.evaluate("document.activeElement.textContent") != "Remove":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    wait_until(page, "document.querySelectorAll('.designer-table tbody tr').length === 6")
    assert page.evaluate("document.activeElement.type") == "radio"
    while page.evaluate("document.activeElement.tagName") != "SELECT":
        page.keyboard.press("Tab")
    page.keyboard.type("Lin")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_until(
        page, "document.querySelector('.designer-error').textContent.includes('put Flatten() before it')"
    )
    wait_until(
        page, "document.querySelector('.designer-news').textContent.includes('put Flatten() before it')"
    )
