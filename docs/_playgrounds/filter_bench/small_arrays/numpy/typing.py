"""The type in hwlib's annotations."""

NDArray = list
