// out[col][row] = in[row][col] for a matrix of any shape; blocks of 32 x 8 threads, tiles of 32 x 32.
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin transpose.cu
// After: G. Ruetsch and P. Micikevicius, "Optimizing Matrix Transpose in CUDA", NVIDIA, 2009.
//
// copy              no transpose: the accesses a transpose would like to have
// transpose_naive   reads rows, writes columns: each store of a warp goes to 32 sectors
// transpose_tiled   through shared memory: both sides by rows, but the tile's column is one bank
// transpose_padded  one more column in the tile: every bank differs

constexpr int TILE = 32, ROWS = 8;

extern "C" __global__ void copy(const float* in, float* out, int rows, int cols) {
  int x = blockIdx.x * TILE + threadIdx.x, y = blockIdx.y * TILE + threadIdx.y;
  for (int j = 0; j < TILE; j += ROWS)
    if (x < cols && y + j < rows) out[(y + j) * cols + x] = in[(y + j) * cols + x];
}

extern "C" __global__ void transpose_naive(const float* in, float* out, int rows, int cols) {
  int x = blockIdx.x * TILE + threadIdx.x, y = blockIdx.y * TILE + threadIdx.y;
  for (int j = 0; j < TILE; j += ROWS)
    if (x < cols && y + j < rows) out[x * rows + y + j] = in[(y + j) * cols + x];
}

template <int PAD>
__device__ __forceinline__ void through_tile(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[TILE][TILE + PAD];
  int x = blockIdx.x * TILE + threadIdx.x, y = blockIdx.y * TILE + threadIdx.y;
  for (int j = 0; j < TILE; j += ROWS)
    if (x < cols && y + j < rows) tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * TILE + threadIdx.x;
  y = blockIdx.x * TILE + threadIdx.y;
  for (int j = 0; j < TILE; j += ROWS)
    if (x < rows && y + j < cols) out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}

extern "C" __global__ void transpose_tiled(const float* in, float* out, int rows, int cols) {
  through_tile<0>(in, out, rows, cols);
}

extern "C" __global__ void transpose_padded(const float* in, float* out, int rows, int cols) {
  through_tile<1>(in, out, rows, cols);
}
