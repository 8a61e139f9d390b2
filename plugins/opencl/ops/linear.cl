/// y = f(x · weightᵀ) for up to ROWS rows of x [rows, k] and two rows of weights a work-item:
/// neighbours, the two elements that rope rotates together, or those of gate and up. Each row of
/// weights is read once for ROWS rows of x.

#define ROWS 8

enum { PLAIN, GATED, INTERLEAVED, HALVES };

/// Rows a and b of two matrices [., k] times rows of x.
inline void products(const __global uchar* x, const __global uchar* w, const __global uchar* u,
                     ulong a, ulong b, uint k, uint row, uint n_rows, float* first, float* second) {
  float16 sums[2][ROWS];
  for (uint r = 0; r < ROWS; ++r) sums[0][r] = sums[1][r] = 0;
  uint i = 0;
  if (n_rows == 1) {
    for (; i + 16 <= k; i += 16) {
      const float16 part = LOAD16_A(x, (ulong)row * k + i);
      sums[0][0] = fma(LOAD16_W(w, a * k + i), part, sums[0][0]);
      sums[1][0] = fma(LOAD16_W(u, b * k + i), part, sums[1][0]);
    }
  } else {
    for (; i + 16 <= k; i += 16) {
      const float16 left = LOAD16_W(w, a * k + i), right = LOAD16_W(u, b * k + i);
#pragma unroll
      for (uint r = 0; r < ROWS; ++r) {
        const float16 part = LOAD16_A(x, (ulong)(row + min(r, n_rows - 1)) * k + i);
        sums[0][r] = fma(left, part, sums[0][r]);
        sums[1][r] = fma(right, part, sums[1][r]);
      }
    }
  }
  for (uint r = 0; r < n_rows; ++r) {
    first[r] = sum16(sums[0][r]);
    second[r] = sum16(sums[1][r]);
    for (uint j = i; j < k; ++j) {
      const float part = LOAD_A(x, (ulong)(row + r) * k + j);
      first[r] += LOAD_W(w, a * k + j) * part;
      second[r] += LOAD_W(u, b * k + j) * part;
    }
  }
}

/// Work-item (p, block of ROWS rows) of [pairs, ceil(rows / ROWS)]. `slots`: where each row of y
/// goes in a state, below 0 nowhere; absent: row by row. `angles`: cosine and sine of every pair of
/// every position.
__kernel void linear(IN(x), IN(weight), IN(up), IN(bias), IN(residual), OUT(y), IN(slots),
                     IN(positions), IN(angles), const uint k, const uint n, const uint rows,
                     const int mode, const int has_bias, const int has_residual,
                     const int has_slots, const uint head_dim, const uint rotary_dim) {
  const uint p = get_global_id(0), row = get_global_id(1) * ROWS;
  uint a = 2 * p, b = 2 * p + 1, pair = 0;
  bool rotates = false;
  if (mode == GATED) {
    a = b = p;
  } else if (mode == INTERLEAVED || mode == HALVES) {
    const uint half_head = head_dim / 2, half_rotary = rotary_dim / 2;
    const uint head = p / half_head;
    pair = p % half_head;
    rotates = pair < half_rotary;
    if (mode == HALVES && rotates) {
      a = head * head_dim + pair;
      b = a + half_rotary;
    }
  }
  if (a >= n) return;
  const bool lonely = b >= n;
  if (lonely) b = a;
  const uint n_rows = min((uint)ROWS, rows - row);
  float first[ROWS], second[ROWS];
  products(AT(x), AT(weight), mode == GATED ? AT(up) : AT(weight), a, b, k, row, n_rows, first,
           second);
  for (uint r = 0; r < n_rows; ++r) {
    float left = first[r], right = second[r];
    if (has_bias) {
      left += LOAD_W(AT(bias), a);
      right += LOAD_W(AT(bias), b);
    }
    if (mode == GATED) left = left / (1 + exp(-left)) * right;
    if (rotates) {
      const ulong place = (ulong)INTS(positions)[row + r] * (rotary_dim / 2) + pair;
      const float2 angle = ((const __global float2*)AT(angles))[place];
      const float turned = left * angle.x - right * angle.y;
      right = left * angle.y + right * angle.x;
      left = turned;
    }
    long target = row + r;
    if (has_slots) target = INTS(slots)[row + r];
    if (target < 0) continue;
    const ulong base = (ulong)target * n;
    if (has_residual) left += LOAD_S(AT(residual), base + a);
    STORE_S(AT(y), base + a, left);
    if (mode == GATED || lonely) continue;
    if (has_residual) right += LOAD_S(AT(residual), base + b);
    STORE_S(AT(y), base + b, right);
  }
}
