import torch, torchvision, onnx; print(torch.__version__, torchvision.__version__, onnx.__version__)
