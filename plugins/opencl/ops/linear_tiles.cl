/// Products of many rows on devices whose work-items share local memory: a work-group makes 64 rows
/// of 32 pairs, step by step of 16 elements of the rows, each item 4 rows of 2 pairs.
#define DEPTH 16
#define SIDE 64

__kernel __attribute__((reqd_work_group_size(16, 16, 1))) void linear_tiles(PROJECTION) {
  const uint column = get_local_id(0), line = get_local_id(1);
  const uint row = get_group_id(1) * SIDE;
  const Part part = part_of(THE_PART(0), THE_PART(1), THE_PART(2), get_group_id(0), SIDE / 2);

  // Each item brings element `column` of every step of four rows of x and of four rows of weights.
  const __global uchar* source[4];
  ulong weight_from[4], x_from[4];
  for (uint j = 0; j < 4; ++j) {
    const uint side = line + 16 * j;
    const Pair pair = pair_of(&part, part.group * (SIDE / 2) + side / 2, head_dim, rotary_dim);
    source[j] = side % 2 ? part.up : part.weight;
    weight_from[j] = (ulong)min(side % 2 ? pair.b : pair.a, part.n - 1) * k;
    x_from[j] = (ulong)min(row + side, rows - 1) * k;
  }
  __local float weights[SIDE][DEPTH + 1], inputs[SIDE][DEPTH + 1];
  float sums[4][4];
  for (uint r = 0; r < 4; ++r)
    for (uint v = 0; v < 4; ++v) sums[r][v] = 0;
  for (uint i = 0; i < k; i += DEPTH) {
    for (uint j = 0; j < 4; ++j) {
      const bool inside = i + column < k;
      weights[line + 16 * j][column] = inside ? LOAD_W(source[j], weight_from[j] + i + column) : 0;
      inputs[line + 16 * j][column] = inside ? LOAD_X(AT(x), x_from[j] + i + column) : 0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint d = 0; d < DEPTH; ++d) {
      const float right[4] = {weights[2 * column][d], weights[2 * column + 1][d],
                              weights[2 * column + 32][d], weights[2 * column + 33][d]};
#pragma unroll
      for (uint r = 0; r < 4; ++r) {
        const float left = inputs[line + 16 * r][d];
#pragma unroll
        for (uint v = 0; v < 4; ++v) sums[r][v] = fma(left, right[v], sums[r][v]);
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (uint r = 0; r < 4; ++r) {
    if (row + line + 16 * r >= rows) continue;
    for (uint v = 0; v < 2; ++v) {
      const uint p = part.group * (SIDE / 2) + column + 16 * v;
      finish(&part, pair_of(&part, p, head_dim, rotary_dim), row + line + 16 * r, sums[r][2 * v],
             sums[r][2 * v + 1], AT(residual), INTS(slots), INTS(positions),
             (const __global float2*)AT(angles), rotary_dim);
    }
  }
}
