// Wrong: the last tile reads past the end of k.
// Stands for: matmul_tiled
// Caught by: out-of-bounds, value
constexpr int TILE = 16;

extern "C" __global__ void matmul_tiled(const float* a, const float* b, float* c, int m, int n, int k) {
  __shared__ float tile_a[TILE][TILE], tile_b[TILE][TILE];
  int x = threadIdx.x, y = threadIdx.y, col = blockIdx.x * TILE + x, row = blockIdx.y * TILE + y;
  float sum = 0.f;
  for (int start = 0; start < k; start += TILE) {
    tile_a[y][x] = row < m ? a[row * k + start + x] : 0.f;
    tile_b[y][x] = col < n ? b[(start + y) * n + col] : 0.f;
    __syncthreads();
    for (int i = 0; i < TILE; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
