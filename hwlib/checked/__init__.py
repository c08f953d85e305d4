"""Checked."""

from hwlib.checked._checking import check
from hwlib.checked._comparing import compare, python_name
from hwlib.checked._errors import CheckError
from hwlib.checked._report import Counterexample, Report, Step
from hwlib.checked._supposing import suppose

__all__ = ["CheckError", "Counterexample", "Report", "Step", "check", "compare", "python_name", "suppose"]
