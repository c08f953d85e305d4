"""The kernels that run the cells: the figures' style, and what they know beside the cells (kernel/)."""

import os
from pathlib import Path

HERE = Path(__file__).parent
STYLE = HERE.parent / "matplotlibrc"
CONFIGURATION = """
c.InteractiveShellApp.extensions = ["book_kernel"]
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "pad_inches": 0.05, "metadata": {"Date": None}}
c.HistoryManager.enabled = False
c.IPKernelApp.log_level = 40  # no word on encryption: the kernels talk on this machine alone
"""


def configure_kernels(app):
    """Pages need no set-up of their own."""
    folder = Path(app.doctreedir).parent / "ipython"
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(CONFIGURATION)
    os.environ |= {
        "IPYTHONDIR": str(folder),
        "MATPLOTLIBRC": str(STYLE),
        "PYTHONPATH": os.pathsep.join([str(HERE / "kernel"), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }


def setup(app):
    app.connect("builder-inited", configure_kernels)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
