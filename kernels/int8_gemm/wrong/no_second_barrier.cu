// Wrong: tiles are overwritten while others still multiply.
// Stands for: int8_gemm_tiled
// Caught by: data-race
constexpr int TILE = 16;

extern "C" __global__ void int8_gemm_tiled(const int* a, const int* b, const float* scale_a, const float* scale_b,
                                           float* out, int m, int n, int k4) {
  __shared__ int tile_a[TILE][TILE], tile_b[TILE][TILE + 1];
  int x = threadIdx.x, y = threadIdx.y, row = blockIdx.y * TILE + y, col = blockIdx.x * TILE + x;
  int row_of_b = blockIdx.x * TILE + y, sum = 0;
  for (int start = 0; start < k4; start += TILE) {
    tile_a[y][x] = row < m && start + x < k4 ? a[row * k4 + start + x] : 0;
    tile_b[x][y] = row_of_b < n && start + x < k4 ? b[row_of_b * k4 + start + x] : 0;
    __syncthreads();
    for (int i = 0; i < TILE; i++) sum = __dp4a(tile_a[y][i], tile_b[i][x], sum);
  }
  if (row < m && col < n) out[row * n + col] = (float)sum * scale_a[row] * scale_b[col];
}
