"""The package as it is imported: lazy, complete, documented, and with the names the design promises."""

import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from dataclasses import is_dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

import hwlib

# The contract: parameters of every name that tests outside this repository call.
# Those after "*" are given by name; further ones may follow with a default.
CONTRACT = {
    "least_squares": {
        "mean_squared_error": "X, t, w",
        "mean_squared_error_gradient": "X, t, w",
        "minimum_norm_solution": "X, t",
        "row_space_component": "X, w",
    },
    "optimizers": {
        "GradientDescent": "learning_rate, momentum=0.0, nesterov=False",
        "BarzilaiBorwein": "learning_rate, short=False",
        "AdaGrad": "learning_rate, initial_accumulator=0.0, epsilon=1e-10",
        "RMSProp": "learning_rate, decay=0.9, initial_accumulator=0.0, epsilon=1e-08",
        "Adam": "learning_rate=0.001",
        "AdamW": "learning_rate=0.001",
        "minibatch_gradient": "X, t, batch_size, rng",
        "minimize": "gradient, w0, optimizer, *, max_steps, tolerance=0.0, record=False",
        "OptimizationResult": "w, steps, converged, path",
    },
    "hypergradients": {
        "unroll": "X, t, w0, learning_rate, steps, *, l2=0.0",
        "learning_rate_gradient": "X, t, w0, learning_rate, steps, *, l2=0.0, method='reverse'",
        "Hypergradient": "loss, gradient, stored_weights",
        "computation_graph": "steps",
    },
    "unrolled_gradients": {
        "differentiate_training": "gradient, hessian_vector_product, w0, learning_rates, *, momentum=0.0, "
        "weight_decay=0.0, final_gradient=None, method='reverse', snapshots=None",
        "TrainingGradients": "w, learning_rates, momentum, weight_decay, w0, stored_states, "
        "recomputed_steps, stored_bits",
        "binomial_checkpoints": "steps, snapshots",
        "implicit_gradients": "final_gradient, hessian_vector_product, w, learning_rate, *, momentum=0.0, "
        "weight_decay=0.0, max_products, tolerance=1e-10",
        "ImplicitGradients": "learning_rate, momentum, weight_decay, products",
    },
    "learning_rates": {
        "loss_after_step": "X, t, w0, learning_rate",
        "optimal_learning_rate": "X, t, w0",
        "maximum_stable_learning_rate": "X",
        "chebyshev_schedule": "smallest, largest, steps, *, order='ascending'",
        "polyak_learning_rate": "X, t, w0, *, minimum=0.0",
        "silver_schedule": "largest, steps",
    },
    "krylov": {
        "conjugate_gradients": "X, t, w0, *, max_steps, tolerance=0.0, record=False",
    },
    "mirror_descent": {
        "SquaredNorm": "",
        "NegativeEntropy": "",
        "Hypentropy": "scale",
        "MirrorDescent": "learning_rate, potential",
        "nearest_solution": "X, t, w0, potential",
    },
    "regularization": {
        "l2_step": "X, t, w0, learning_rate, l2",
        "weight_decay_step": "X, t, w0, learning_rate, weight_decay",
        "equivalent_l2": "weight_decay, learning_rate",
        "equivalent_weight_decay": "l2, learning_rate",
        "translate": "weight_decay, source, target, *, learning_rate, schedule=None, steps=None",
    },
    "convolution": {
        "correlate2d": "image, kernel, *, padding='same', stride=1, dilation=1",
        "convolve2d": "image, kernel, *, padding='same', stride=1, dilation=1",
    },
    "linear_maps": {
        "CorrelationOperator": "kernel, image_shape, *, padding='same', stride=1, dilation=1",
        "transposed_correlate2d": "output, kernel, image_shape, *, padding='same', stride=1, dilation=1",
        "kernel_gradient": "image, output_gradient, kernel_shape, *, padding='same', stride=1, dilation=1",
        "circular_singular_values": "kernels, image_shape",
        "separable_factors": "kernel",
    },
    "convnets": {
        "Conv2d": "out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True",
        "MaxPool2d": "kernel_size, stride=None, padding=0",
        "AvgPool2d": "kernel_size, stride=None, padding=0",
        "Linear": "out_features, bias=True",
        "Flatten": "",
        "summarize": "layers, input_shape",
        "receptive_field": "layers",
        "Summary": "rows",
        "ReceptiveField": "size, stride, padding",
    },
    "network_graphs": {
        "Node": "name, layer, inputs",
        "Graph": "nodes, input_shape=None",
        "Parallel": "branches, join",
        "Add": "",
        "Concatenate": "",
        "ConvTranspose2d": "out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1",
        "Upsample": "scale_factor",
        "ZeroPad2d": "left=0, right=0, top=0, bottom=0",
        "CeilMaxPool2d": "kernel_size, stride=None, padding=0",
        "GlobalAvgPool2d": "",
        "BatchNorm2d": "affine=True",
        "Pointwise": "name",
        "series": "layers",
        "published_network": "name, *, head=True",
        "from_torch": "module, input_shape",
        "from_onnx": "model",
        "to_dot": "graph",
        "Path": "windows, advance",
        "Paths": "paths",
        "JoinedField": "size, stride, padding, along_height, along_width",
    },
    "sweeps": {
        "grid": "values",
        "sweep": "function, settings, *, executor=None, record=None, progress=None",
    },
    "checked": {
        "check": "latex, symbols, definitions=None, assumptions=()",
        "compare": "latex, function, symbols, definitions=None, assumptions=()",
        "suppose": "latex, symbols, definitions=None, assumptions=()",
        "Report": "ok, steps",
    },
    "sphinxext": {"setup": "app"},
}
EXTRAS = {"checked", "sphinxext"}  # these need more than NumPy
PROMISED = [
    pytest.param(module, name, parameters, id=f"{module}.{name}")
    for module, names in CONTRACT.items()
    for name, parameters in names.items()
]


def modules_after(statement):
    """Names of the modules that a fresh interpreter has imported after a statement."""
    report = "; import json, sys; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-P", "-c", statement + report], check=True, capture_output=True, text=True
    )
    return set(json.loads(run.stdout))


def public(module, name):
    return getattr(importlib.import_module(f"hwlib.{module}"), name)


def public_names(kind):
    return [
        pytest.param(module, name, id=f"{module}.{name}")
        for module in CONTRACT
        for name in importlib.import_module(f"hwlib.{module}").__all__
        if kind(public(module, name))
    ]


def without_annotations(signature):
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(inspect.Signature(parameters))[1:-1]


class TestImport:
    def test_of_the_package_imports_neither_numpy_nor_a_module(self):
        imported = modules_after("import hwlib")
        assert "numpy" not in imported
        assert not {name for name in imported if name.startswith("hwlib.")}

    def test_of_the_version_imports_nothing_more(self):
        assert "numpy" not in modules_after("import hwlib; hwlib.__version__")

    def test_of_layers_needs_no_numpy(self):
        imported = modules_after("import hwlib; hwlib.convnets.Conv2d(1, 3)")
        assert "hwlib.convnets" in imported
        assert "numpy" not in imported

    def test_of_everything_without_an_extra_needs_numpy_alone(self):
        core = CONTRACT.keys() - EXTRAS
        everything = "; ".join(f"hwlib.{module}.__all__" for module in core)
        imported = modules_after(f"import hwlib; {everything}")
        assert {f"hwlib.{module}" for module in core} <= imported
        assert not imported & {"scipy", "matplotlib", "sphinx", "sympy", "torch", "tqdm", "lark", "flint"}

    @pytest.mark.parametrize("module", CONTRACT)
    def test_reaches_every_module_by_attribute(self, module):
        assert getattr(hwlib, module) is importlib.import_module(f"hwlib.{module}")

    def test_lists_every_public_module_and_no_other(self):
        found = {info.name for info in pkgutil.iter_modules(hwlib.__path__)}
        assert {name for name in found if not name.startswith("_")} == set(CONTRACT)
        assert set(CONTRACT) <= set(dir(hwlib))
        assert set(hwlib.__all__) == set(CONTRACT)

    def test_of_an_unknown_name_fails_as_python_does(self):
        with pytest.raises(AttributeError, match=r"hwlib attribute least_square$"):
            hwlib.least_square  # noqa: B018


def test_the_version_is_that_of_the_installed_package():
    assert hwlib.__version__ == version("hwlib")
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", hwlib.__version__)


def test_the_package_says_that_it_is_typed():
    assert (Path(hwlib.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize(("module", "name"), public_names(is_dataclass))
def test_every_dataclass_is_frozen(module, name):
    assert public(module, name).__dataclass_params__.frozen


@pytest.mark.parametrize(("module", "name", "parameters"), PROMISED)
def test_every_promised_name_has_its_promised_parameters(module, name, parameters):
    assert name in importlib.import_module(f"hwlib.{module}").__all__
    signature = inspect.signature(public(module, name))
    promised = [p for p in parameters.split(", ") if p]
    actual = [p for p in without_annotations(signature).split(", ") if p]
    assert actual[: len(promised)] == promised


def test_the_results_have_the_promised_fields():
    assert {"loss", "gradient", "stored_weights"} <= set(
        public("hypergradients", "Hypergradient").__annotations__
    )
    summary = public("convnets", "summarize")([public("convnets", "Conv2d")(1, 3)], (1, 5, 5))
    assert (len(summary.rows) > 0, summary.parameters, summary.neurons) == (True, 10, 25 + 9)
    assert isinstance(public("convolution", "KERNELS")["prewitt_horizontal"].tolist(), list)


RESULTS = ("OptimizationResult", "Hypergradient", "TrainingGradients", "ImplicitGradients", "Report", "setup")


class TestDocumentation:
    @pytest.mark.parametrize(("module", "name"), public_names(callable))
    def test_of_every_public_function_and_class_begins_with_one_sentence(self, module, name):
        first = inspect.getdoc(public(module, name)).split("\n\n")[0]
        assert "\n" not in first
        assert first.endswith(".")

    @pytest.mark.parametrize(("module", "name"), public_names(inspect.isfunction))
    def test_of_every_public_function_says_what_numpydoc_asks(self, module, name):
        if name == "setup":
            pytest.skip("Sphinx calls it, nobody else")
        value = public(module, name)
        text = inspect.getdoc(value)
        sections = re.findall(r"^([A-Z]\w+)\n-+$", text, flags=re.MULTILINE)
        order = ["Parameters", "Returns", "Raises", "Notes", "References", "Examples"]
        assert sections == sorted(sections, key=order.index)
        assert {"Parameters", "Returns", "Examples"} <= set(sections)
        assert "Raises" in sections or name == "python_name"
        for parameter in inspect.signature(value).parameters:
            described = rf"^(\w+, )*{parameter}(, \w+)*( : |$)"
            assert re.search(described, text, flags=re.MULTILINE), f"{parameter} is not described"

    @pytest.mark.parametrize(("module", "name"), public_names(callable))
    def test_of_every_public_function_and_class_describes_its_parameters_and_no_others(self, module, name):
        value = public(module, name)
        section = re.search(
            r"^(?:Parameters|Attributes)\n-+\n(.*?)(?:\n\n|\Z)",
            inspect.getdoc(value),
            re.DOTALL | re.MULTILINE,
        )
        entries = re.findall(r"^(\w+(?:, \w+)*)(?: : |$)", section[1], re.MULTILINE) if section else []
        described = [name for names in entries for name in names.split(", ")]
        if name == "Optimizer":  # a base class: what it describes belongs to the rules
            assert described == ["learning_rate"]
        elif not issubclass(value if isinstance(value, type) else object, Exception):
            assert described == list(inspect.signature(value).parameters)

    @pytest.mark.parametrize(
        ("module", "name"),
        [
            pytest.param(module, name, id=f"{module}.{name}")
            for module, names in CONTRACT.items()
            for name in names
            if name not in RESULTS
        ],
    )
    def test_of_every_promised_name_has_an_example(self, module, name):
        text = inspect.getdoc(public(module, name))
        assert re.search(r"^Examples\n-{8}\n(.|\n)*>>> ", text, flags=re.MULTILINE)
