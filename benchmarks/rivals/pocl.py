"""OpenCL on the processor by PoCL: compiled for it, with nothing checked and nothing counted."""

from functools import partial

import numpy as np
import pyopencl as cl
from common import Prepared, main

from sixrounds.cuda.operators import Problem

SOURCE = """
kernel void vector_add(global const float* a, global const float* b, global float* out, int n) {
  int i = get_global_id(0);
  if (i < n) out[i] = a[i] + b[i];
}

kernel void transpose_padded(global const float* source, global float* out, int rows, int cols) {
  local float shared[32][33];
  int lx = get_local_id(0), ly = get_local_id(1);
  int x = get_group_id(0) * 32 + lx, y = get_group_id(1) * 32 + ly;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows) shared[ly + j][lx] = source[(y + j) * cols + x];
  barrier(CLK_LOCAL_MEM_FENCE);
  x = get_group_id(1) * 32 + lx, y = get_group_id(0) * 32 + ly;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols) out[(y + j) * rows + x] = shared[lx][ly + j];
}

kernel void matmul_naive(global const float* a, global const float* b, global float* c,
                         int m, int n, int k) {
  int col = get_global_id(0), row = get_global_id(1);
  if (row >= m || col >= n) return;
  float total = 0;
  for (int i = 0; i < k; i++) total += a[row * k + i] * b[i * n + col];
  c[row * n + col] = total;
}

kernel void matmul_tiled(global const float* a, global const float* b, global float* c,
                         int m, int n, int k) {
  local float tile_a[16][16], tile_b[16][16];
  int x = get_local_id(0), y = get_local_id(1), col = get_global_id(0), row = get_global_id(1);
  float total = 0;
  for (int start = 0; start < k; start += 16) {
    tile_a[y][x] = row < m && start + x < k ? a[row * k + start + x] : 0;
    tile_b[y][x] = start + y < k && col < n ? b[(start + y) * n + col] : 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = 0; i < 16; i++) total += tile_a[y][i] * tile_b[i][x];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (row < m && col < n) c[row * n + col] = total;
}
"""
KERNELS = ("vector_add", "transpose_padded", "matmul_naive", "matmul_tiled")


def ready(name: str, problem: Problem) -> Prepared:
    """Compile; the launch copies arrays into buffers, waits, and copies the results back."""
    context = cl.Context([cl.get_platforms()[0].get_devices()[0]])
    queue = cl.CommandQueue(context)
    kernel = getattr(cl.Program(context, SOURCE).build(), name)
    threads = tuple(g * b for g, b in zip(problem.grid, problem.block, strict=True))
    flags = cl.mem_flags.READ_WRITE | cl.mem_flags.COPY_HOST_PTR

    def launch() -> None:
        buffers = {
            key: cl.Buffer(context, flags, hostbuf=value)
            for key, value in problem.args.items()
            if isinstance(value, np.ndarray)
        }
        kernel(queue, threads, problem.block, *(problem.args | buffers).values())
        for key in problem.expected:
            cl.enqueue_copy(queue, problem.args[key], buffers[key])
        queue.finish()

    return launch


if __name__ == "__main__":
    main({name: partial(ready, name) for name in KERNELS})
