from ._checking import check
from ._comparing import compare, python_name
from ._errors import CheckError
from ._report import Counterexample, Report, Step
from ._supposing import suppose

__all__ = ["CheckError", "Counterexample", "Report", "Step", "check", "compare", "python_name", "suppose"]
