"""The lane that compiles with NVIDIA's compiler and runs nothing. Not there yet."""

MESSAGE = (
    "lane compile is not there yet; `python -m sixrounds.cuda doctor` will list it once it is, "
    "with the wheel it needs (nvidia-cuda-nvrtc); lanes fast, check and metrics need none"
)
