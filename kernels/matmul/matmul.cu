// c = a b for row-major a (m x k), b (k x n), c (m x n) of any sizes.
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin matmul.cu
//
// matmul_naive       one thread an element of c, everything from global memory
// matmul_tiled       tiles of a and b in shared memory: each element is loaded 16 times less
// matmul_registers   a thread computes 4 x 4 elements from registers: shared loads fall, too

constexpr int TILE = 16;

extern "C" __global__ void matmul_naive(const float* a, const float* b, float* c, int m, int n, int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= m || col >= n) return;
  float sum = 0.f;
  for (int i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + col];
  c[row * n + col] = sum;
}

// Blocks of 16 x 16 threads.
extern "C" __global__ void matmul_tiled(const float* a, const float* b, float* c, int m, int n, int k) {
  __shared__ float tile_a[TILE][TILE], tile_b[TILE][TILE];
  int x = threadIdx.x, y = threadIdx.y, col = blockIdx.x * TILE + x, row = blockIdx.y * TILE + y;
  float sum = 0.f;
  for (int start = 0; start < k; start += TILE) {
    tile_a[y][x] = row < m && start + x < k ? a[row * k + start + x] : 0.f;
    tile_b[y][x] = start + y < k && col < n ? b[(start + y) * n + col] : 0.f;
    __syncthreads();
    for (int i = 0; i < TILE; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}

constexpr int EACH = 4, WIDE = TILE * EACH;

// Blocks of 16 x 16 threads, each for 64 x 64 elements of c; the tile of a is stored transposed.
extern "C" __global__ void matmul_registers(const float* a, const float* b, float* c, int m, int n, int k) {
  __shared__ float tile_a[TILE][WIDE + 1], tile_b[TILE][WIDE];
  int x = threadIdx.x, y = threadIdx.y, col = blockIdx.x * WIDE, row = blockIdx.y * WIDE;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += TILE) {
    for (int j = 0; j < EACH; j++) {
      int r = j * TILE + y;
      tile_a[x][r] = row + r < m && start + x < k ? a[(row + r) * k + start + x] : 0.f;
      int w = j * TILE + x;
      tile_b[y][w] = start + y < k && col + w < n ? b[(start + y) * n + col + w] : 0.f;
    }
    __syncthreads();
    for (int i = 0; i < TILE; i++) {
      float of_a[EACH], of_b[EACH];
      for (int j = 0; j < EACH; j++) of_a[j] = tile_a[i][j * TILE + y];
      for (int j = 0; j < EACH; j++) of_b[j] = tile_b[i][j * TILE + x];
      for (int r = 0; r < EACH; r++)
        for (int w = 0; w < EACH; w++) sum[r][w] += of_a[r] * of_b[w];
    }
    __syncthreads();
  }
  for (int r = 0; r < EACH; r++)
    for (int w = 0; w < EACH; w++) {
      int to_row = row + r * TILE + y, to_col = col + w * TILE + x;
      if (to_row < m && to_col < n) c[to_row * n + to_col] = sum[r][w];
    }
}
