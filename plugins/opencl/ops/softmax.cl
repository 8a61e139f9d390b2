/// Over the last dimension of x [rows, width]. A work-group a row.
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void softmax(IN(x), OUT(y),
                                                                         const uint width) {
  const uint lane = get_local_id(0);
  const ulong row = (ulong)get_group_id(0) * width;
  __local float tops[LANES], totals[LANES];
  float top = -INFINITY, total = 0;
  for (uint d = lane; d < width; d += LANES) top = max(top, LOAD_A(AT(x), row + d));
  tops[lane] = top;
  SYNC();
  for (uint other = 0; other < LANES; ++other) top = max(top, tops[other]);
  for (uint d = lane; d < width; d += LANES) total += exp(LOAD_A(AT(x), row + d) - top);
  totals[lane] = total;
  sum_lanes(totals, 1);
  for (uint d = lane; d < width; d += LANES)
    STORE_A(AT(y), row + d, exp(LOAD_A(AT(x), row + d) - top) / totals[0]);
}
