/// y [rows, D] = x / sqrt(mean(x²) + eps) * weight (Zhang and Sennrich 2019, equation 4). One
/// work-item a row.
__kernel void rms_norm(IN(x), IN(weight), OUT(y), const uint width, const float eps) {
  const ulong row = (ulong)get_global_id(0) * width;
  const __global uchar* in = AT(x);
  float16 squares = 0;
  float tail = 0;
  uint d = 0;
  for (; d + 16 <= width; d += 16) {
    const float16 part = LOAD16_A(in, row + d);
    squares += part * part;
  }
  for (; d < width; ++d) {
    const float part = LOAD_A(in, row + d);
    tail += part * part;
  }
  const float scale = 1 / sqrt((sum16(squares) + tail) / width + eps);
  for (d = 0; d < width; ++d)
    STORE_A(AT(y), row + d, LOAD_A(in, row + d) * scale * LOAD_W(AT(weight), d));
}
