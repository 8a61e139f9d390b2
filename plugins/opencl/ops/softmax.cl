/// Over the last dimension of x [rows, width]. One work-item a row.
__kernel void softmax(IN(x), OUT(y), const uint width) {
  const ulong row = (ulong)get_global_id(0) * width;
  float most = -INFINITY, total = 0;
  for (uint d = 0; d < width; ++d) most = max(most, LOAD_A(AT(x), row + d));
  for (uint d = 0; d < width; ++d) total += exp(LOAD_A(AT(x), row + d) - most);
  for (uint d = 0; d < width; ++d)
    STORE_A(AT(y), row + d, exp(LOAD_A(AT(x), row + d) - most) / total);
}
