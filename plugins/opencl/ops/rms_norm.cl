/// y [rows, D] = x / sqrt(mean(x²) + eps) * weight (Zhang and Sennrich 2019, equation 4). A
/// work-group a row; VEC divides D.
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void rms_norm(IN(x), IN(weight), OUT(y),
                                                                          const uint width,
                                                                          const float eps) {
  const uint lane = get_local_id(0);
  const ulong row = (ulong)get_group_id(0) * width;
  __local float totals[LANES];
  floatv squares = 0;
  for (uint d = lane * VEC; d < width; d += LANES * VEC) {
    const floatv part = LOADV_X(AT(x), row + d);
    squares = fma(part, part, squares);
  }
  totals[lane] = sumv(squares);
  sum_lanes(totals, 1);
  const float scale = 1 / sqrt(totals[0] / width + eps);
  for (uint d = lane; d < width; d += LANES)
    STORE_S(AT(y), row + d, LOAD_X(AT(x), row + d) * scale * LOAD_W(AT(weight), d));
}
