"""The lane that compiles with NVIDIA's compiler and runs nothing. Not there yet."""

MESSAGE = (
    "lane compile is not there yet: it will need pip install nvidia-cuda-nvrtc; "
    "python -m sixrounds.cuda doctor says when it is"
)
