from . import checked as checked
from . import convnets as convnets
from . import convolution as convolution
from . import hypergradients as hypergradients
from . import krylov as krylov
from . import learning_rates as learning_rates
from . import least_squares as least_squares
from . import linear_maps as linear_maps
from . import mirror_descent as mirror_descent
from . import network_graphs as network_graphs
from . import optimizers as optimizers
from . import regularization as regularization
from . import sphinxext as sphinxext
from . import sweeps as sweeps
from . import unrolled_gradients as unrolled_gradients

__version__: str
