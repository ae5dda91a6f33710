// out[i][j] = scale_a[i] * scale_b[j] * sum over k of a[i][k] * b[j][k]: int8, sums in int32.
// a is m x k, b is n x k (each row a column of the right matrix); four int8 are packed in an int, so
// k is given as k4 = k / 4.
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin int8_gemm.cu
//
// int8_gemm_naive  __dp4a: four products and sums at once, all from global memory
// int8_gemm_tiled  tiles of 16 x 16 packed ints; b's tile is stored transposed, its row padded
// Blocks of 16 x 16 threads.

constexpr int TILE = 16;

extern "C" __global__ void int8_gemm_naive(const int* a, const int* b, const float* scale_a, const float* scale_b,
                                           float* out, int m, int n, int k4) {
  int col = blockIdx.x * TILE + threadIdx.x, row = blockIdx.y * TILE + threadIdx.y;
  if (row >= m || col >= n) return;
  int sum = 0;
  for (int i = 0; i < k4; i++) sum = __dp4a(a[row * k4 + i], b[col * k4 + i], sum);
  out[row * n + col] = (float)sum * scale_a[row] * scale_b[col];
}

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
    __syncthreads();
  }
  if (row < m && col < n) out[row * n + col] = (float)sum * scale_a[row] * scale_b[col];
}
