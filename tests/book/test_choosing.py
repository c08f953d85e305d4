"""The benches whose reader chooses among settings: what they have hwlib compute when the book is built."""

import json
import random
import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_playgrounds"))
import optimizer_bench
import rate_bench
from plot import Axis, Plot, in_words

DOCS = Path(__file__).parents[2] / "docs"
BENCHES = {"rate": rate_bench.BENCH, "optimizer": optimizer_bench.BENCH}
GIVEN = re.compile(r"^```\{code-cell\} python\n:tags: \[given\]\n(.*?)^```$", re.DOTALL | re.MULTILINE)

each_bench = pytest.mark.parametrize("bench", BENCHES.values(), ids=BENCHES)


def some(bench, how_many=40):
    return random.Random(0).sample(bench.settings(), how_many)  # noqa: S311 - no secrets


def numbers(words):
    """The numbers in a sentence, as they are read."""
    powers = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
    plain = words.translate(powers).replace(",", "")
    written = re.findall(r"(-?\d+(?:\.\d+)?)(?: · 10(-?\d+))?", plain)
    return [float(f"{digits}e{power or 0}") for digits, power in written]


def given(chapter):
    """What the cells of a chapter declare that its problem gives."""
    namespace = {"np": np}
    for cell in GIVEN.findall((DOCS / chapter).read_text()):
        exec(cell, namespace)  # noqa: S102 - our own page
    return namespace


def test_the_data_are_those_of_the_chapters():
    chapter = given("hyperparameters/learning_rate.md")
    np.testing.assert_array_equal(rate_bench.STARTS["steep"], chapter["steep_start"])
    np.testing.assert_array_equal(rate_bench.STARTS["flat"], chapter["flat_start"])
    text = (DOCS / "hyperparameters" / "learning_rate.md").read_text()
    (line,) = re.findall(r"^X, t = np\.diag\(wide\).*$", text, re.MULTILINE)
    exec(line, chapter)  # noqa: S102 - our own page
    np.testing.assert_array_equal(rate_bench.X, chapter["X"])
    np.testing.assert_array_equal(rate_bench.T, chapter["t"])
    chapter = given("optimization/adaptive_methods.md")
    np.testing.assert_array_equal(optimizer_bench.X, chapter["X"])
    np.testing.assert_array_equal(optimizer_bench.T, chapter["t"])
    assert chapter["tolerance"] == optimizer_bench.TOLERANCE
    assert str(chapter["eta"]) in optimizer_bench.RATES


@each_bench
def test_there_is_an_answer_to_every_setting_that_the_controls_offer(bench):
    computed = json.loads(bench.computed())
    controls = computed["catalogue"]["controls"]
    offered = [[choice["written"] for choice in control["choices"]] for control in controls]
    assert all(len(set(written)) == len(written) for written in offered)
    assert len(computed["answers"]) == np.prod([len(written) for written in offered])
    for setting in some(bench):
        answer = bench.answer(*setting)
        wanted = {"words": answer.words, "drawings": list(answer.drawings)}
        assert computed["answers"][";".join(setting)] == wanted


@each_bench
def test_the_presets_are_offered(bench):
    assert {preset.setting for preset in bench.presets} <= set(bench.settings())


@pytest.mark.parametrize(
    ("name", "chapter"),
    [("rate", "hyperparameters/learning_rate.md"), ("optimizer", "optimization/adaptive_methods.md")],
)
def test_the_still_figure_shows_what_the_bench_of_the_chapter_begins_with(name, chapter):
    bench, page = BENCHES[name], (DOCS / chapter).read_text()
    (begin,) = re.findall(rf"^```\{{playground\}} {name}-bench\n:begin: (.*)$", page, re.MULTILINE)
    still, answer = bench.still(begin), bench.answer(*begin.split(";"))
    assert all(f'<g class="plot-moving">{moving}</g>' in still for moving in answer.drawings)
    assert still.count('<g class="plot-moving">') == len(answer.drawings)


def test_the_losses_are_those_of_steps_written_out():
    for start, written in some(rate_bench.BENCH):
        w, rate = rate_bench.STARTS[start], rate_bench.RATES[written]
        losses = []
        for _ in range(rate_bench.STEPS + 1):
            errors = np.array([2 * w[0] - 2, w[1] - 2])
            losses.append(errors @ errors / 2)
            w = w - rate * np.array([2, 1]) * errors
        said = numbers(rate_bench.answer(start, written).words)
        np.testing.assert_allclose(said[1:3], losses[:2], rtol=0.01)
        np.testing.assert_allclose(said[-1], losses[-1], rtol=0.01)
        np.testing.assert_allclose(said[0], rate, rtol=1e-3)


def test_a_rate_below_the_limit_is_told_from_one_above_and_the_limit_from_both():
    said = {written: rate_bench.answer("flat", written).words for written in ("0.495", "0.5", "0.505")}
    sides = [re.search(r"rate is (\w+) the limit of stability, 0\.5:", words)[1] for words in said.values()]
    assert sides == ["below", "at", "above"]


@pytest.mark.parametrize(("start", "best"), [("steep", 20 / 68), ("flat", 4.16 / 4.64)])
def test_only_the_best_rate_is_called_the_best(start, best):
    called = [written for written in rate_bench.RATES if "best" in rate_bench.answer(start, written).words]
    np.testing.assert_allclose([rate_bench.RATES[written] for written in called], [best], rtol=1e-12)


def test_the_parabola_is_the_loss_after_one_step():
    plot = rate_bench.ONE_STEP
    moving = rate_bench.answer("flat", "0.3").drawings[0]
    (curve,) = re.findall(r'd="M(\S+) (\S+)Q(\S+) (\S+) (\S+) (\S+)"', moving)
    begin, bend, end = np.array(curve, float).reshape(3, 2)
    for share in np.linspace(0, 1, 11):
        x, y = (1 - share) ** 2 * begin + 2 * share * (1 - share) * bend + share**2 * end
        rate = share * 1.15
        loss = ((1 - 4 * rate) ** 2 * 0.04 + (1 - rate) ** 2 * 4) / 2
        np.testing.assert_allclose((x, y), plot.place((rate, loss)), atol=0.2)


def written_out(rule, rate, w, penalty):
    """The weights after each step, by the rules as their papers have them."""
    m, v = np.zeros(2), np.full(2, 1.0 if rule == "adagrad-from-one" else 0.0)
    yield w, slope(w, penalty)
    for k in range(1, optimizer_bench.MOST_STEPS + 1):
        g = slope(w, penalty)
        match rule:
            case "gradient-descent":
                step = g
            case "momentum":
                m = step = 0.9 * m + g
            case "adagrad":
                v = v + g * g
                step = g / (np.sqrt(v) + 1e-10)
            case "adagrad-from-one":  # the source's, which divides before it adds
                step = g / np.sqrt(v)
                v = v + g * g
            case "rmsprop":
                v = 0.9 * v + 0.1 * g * g
                step = g / (np.sqrt(v) + 1e-8)
            case "adam":
                m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                step = m / (1 - 0.9**k) / (np.sqrt(v / (1 - 0.999**k)) + 1e-8)
            case "sign-descent":
                step = np.sign(g)
        w = w - rate * step
        yield w, slope(w, penalty)


def slope(w, penalty):
    """The gradient of the loss with its penalty."""
    return 2 * (2 * w[0] + w[1] - 2) * np.array([2.0, 1.0]) + 2 * penalty * w


@pytest.mark.parametrize("rule", optimizer_bench.RULES)
def test_the_end_is_that_of_the_rule_written_out(rule):
    of_rule = [setting for setting in optimizer_bench.BENCH.settings() if setting[0] == rule]
    for _, rate, start, penalty in random.Random(1).sample(of_rule, 8):  # noqa: S311 - no secrets
        w0 = optimizer_bench.start_of(start)
        path, slopes = zip(*written_out(rule, float(rate), w0, float(penalty)), strict=True)
        words = optimizer_bench.answer(rule, rate, start, penalty).words
        steps, first, second, away = numbers(words)[-4:]
        w, sizes = path[int(steps)], np.hypot(*np.transpose(slopes))
        if "comes to rest" in words:
            assert sizes[int(steps) :].max() < 1.01e-9
            assert sizes[int(steps) - 1] > 0.99e-9
        else:
            assert steps == optimizer_bench.MOST_STEPS
            assert sizes[-1] > 0.99e-9
        np.testing.assert_allclose((first, second), w, rtol=0.01, atol=1e-6)
        if np.hypot(first, second) < 1e100:
            np.testing.assert_allclose(away, np.hypot(w[0] - 0.8, w[1] - 0.4), rtol=0.01, atol=1e-8)


def test_a_path_that_leaves_the_drawing_leaves_it_straight():
    (drawing,) = optimizer_bench.answer("gradient-descent", "0.22", "0,0", "0").drawings
    points = re.findall(r'<polyline [^>]*points="([^"]*)"', drawing)[0].split()
    across, down = np.array([point.split(",") for point in points], float).T
    assert np.ptp(across) > 1000
    np.testing.assert_allclose(down - down[0], -(across - across[0]) / 2, atol=0.2)  # along the row


def test_the_path_that_is_drawn_goes_from_the_start_to_the_end():
    for setting in some(optimizer_bench.BENCH):
        answer = optimizer_bench.answer(*setting)
        points = re.findall(r'<polyline [^>]*points="([^"]*)"', answer.drawings[0])[0].split()
        line = np.array([point.split(",") for point in points], float)
        dots = np.array(re.findall(r'cx="([^"]*)" cy="([^"]*)"', answer.drawings[0]), float)
        np.testing.assert_array_equal(line[[0, -1]], dots)
        np.testing.assert_array_equal(
            dots[0], optimizer_bench.PLANE.place(optimizer_bench.start_of(setting[2]))
        )
        end = numbers(answer.words)[-3:-1]
        if np.abs(end).max() < 10:
            np.testing.assert_allclose(dots[1], optimizer_bench.PLANE.place(end), atol=1)


def test_a_number_is_written_with_three_digits_and_a_power_of_ten():
    assert [in_words(number) for number in (0.0, -1.5, 1234.0, 2.5e-7)] == [
        "0",
        "−1.5",
        "1.23 · 10³",
        "2.5 · 10⁻⁷",
    ]


def test_places_in_a_drawing():
    plot = Plot(Axis("x", 0, 2, ()), Axis("y", 1e-2, 1e2, (), is_logarithmic=True), "some points")
    (left, bottom), (right, top) = plot.place((0, 1e-2)), plot.place((2, 1e2))
    assert plot.place((1, 1)) == ((left + right) / 2, (bottom + top) / 2)
    assert left < right
    assert top < bottom
    assert plot.place((0, 0))[1] > plot.place((0, 1e-300))[1] > bottom
    assert np.isfinite(plot.place((1e300, np.inf))).all()
