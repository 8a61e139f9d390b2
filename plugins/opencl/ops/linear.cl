/// Products of up to ROWS rows at a time, each weight read once for all of them. A work-group makes
/// PAIRS pairs of sums of ROWS rows; its LANES items share the elements of the rows.
///
/// With NORM the rows are normed on the way: y = (x * norm) · weightᵀ / sqrt(mean(x²) + eps), as
/// the root only scales the sums (Zhang and Sennrich 2019, equation 4).
///
/// Groups are numbered strip by strip: `strip` groups for the first rows, then for the next ones,
/// so that the strip's weights are still in a cache when they are read again.
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void linear(PROJECTION, IN(norm),
                                                                        const float eps) {
  const uint lane = get_local_id(0);
  const uint blocks = (rows + ROWS - 1) / ROWS;
  const uint first = get_group_id(0) / (strip * blocks) * strip;
  const uint wide = min(strip, (uint)get_num_groups(0) / blocks - first);
  const uint within = get_group_id(0) - first * blocks;
  const uint row = within / wide * ROWS;
  const Part part = part_of(THE_PART(0), THE_PART(1), THE_PART(2), first + within % wide, PAIRS);

  Pair pairs[PAIRS];
  ulong from[2 * PAIRS], in_row[ROWS];
#pragma unroll
  for (uint p = 0; p < PAIRS; ++p) {
    pairs[p] = pair_of(&part, part.group * PAIRS + p, head_dim, rotary_dim);
    from[2 * p] = (ulong)min(pairs[p].a, part.n - 1) * k;
    from[2 * p + 1] = (ulong)min(pairs[p].b, part.n - 1) * k;
  }
#pragma unroll
  for (uint r = 0; r < ROWS; ++r) in_row[r] = (ulong)min(row + r, rows - 1) * k;

  floatv sums[2 * PAIRS][ROWS], squares[ROWS];
#pragma unroll
  for (uint r = 0; r < ROWS; ++r) {
    squares[r] = 0;
#pragma unroll
    for (uint v = 0; v < 2 * PAIRS; ++v) sums[v][r] = 0;
  }
  for (uint i = lane * VEC; i < k; i += LANES * VEC) {
    floatv in[ROWS];
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) in[r] = LOADV_X(AT(x), in_row[r] + i);
#if NORM
    const floatv factor = LOADV_W(AT(norm), i);
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      squares[r] = fma(in[r], in[r], squares[r]);
      in[r] *= factor;
    }
#endif
#pragma unroll
    for (uint v = 0; v < 2 * PAIRS; ++v) {
      const floatv weights = LOADV_W(v % 2 ? part.up : part.weight, from[v] + i);
#pragma unroll
      for (uint r = 0; r < ROWS; ++r) sums[v][r] = fma(weights, in[r], sums[v][r]);
    }
  }

  __local float totals[(2 * PAIRS + NORM) * ROWS * LANES];
#pragma unroll
  for (uint v = 0; v < 2 * PAIRS; ++v)
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) totals[(v * ROWS + r) * LANES + lane] = sumv(sums[v][r]);
#if NORM
#pragma unroll
  for (uint r = 0; r < ROWS; ++r) totals[(2 * PAIRS * ROWS + r) * LANES + lane] = sumv(squares[r]);
#endif
  sum_lanes(totals, (2 * PAIRS + NORM) * ROWS);

  for (uint j = lane; j < PAIRS * ROWS; j += LANES) {
    const uint p = j / ROWS, r = j % ROWS;
    if (row + r >= rows) continue;
    float left = totals[(2 * p * ROWS + r) * LANES];
    float right = totals[((2 * p + 1) * ROWS + r) * LANES];
#if NORM
    const float scale = 1 / sqrt(totals[(2 * PAIRS * ROWS + r) * LANES] / k + eps);
    left *= scale;
    right *= scale;
#endif
    const Pair pair = pair_of(&part, part.group * PAIRS + p, head_dim, rotary_dim);
    finish(&part, pair, row + r, left, right, AT(residual), INTS(slots), INTS(positions),
           (const __global float2*)AT(angles), rotary_dim);
  }
}
