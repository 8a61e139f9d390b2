/// y [R, n] = x [T, n] by rows [R].
__kernel void gather_rows(IN(x), IN(rows), OUT(y), const uint width) {
  const uint d = get_global_id(0), r = get_global_id(1);
  if (d >= width) return;
  STORE_A(AT(y), (ulong)r * width + d, LOAD_A(AT(x), (ulong)INTS(rows)[r] * width + d));
}
