/// Rotates the first `rotary_dim` elements of every head of x [T, width] (Su et al. 2021, equation
/// 15). Work-item (pair of the row, token).
__kernel void rope(IN(x), IN(positions), IN(angles), OUT(y), const uint width, const uint head_dim,
                   const uint rotary_dim, const int interleaved) {
  const uint p = get_global_id(0), t = get_global_id(1);
  if (p >= width / 2) return;
  const uint half_head = head_dim / 2, half_rotary = rotary_dim / 2;
  const uint head = p / half_head, pair = p % half_head;
  ulong a = (ulong)t * width + head * head_dim + 2 * pair, b = a + 1;
  float left, right;
  if (pair < half_rotary && !interleaved) {
    a = (ulong)t * width + head * head_dim + pair;
    b = a + half_rotary;
  }
  left = LOAD_A(AT(x), a);
  right = LOAD_A(AT(x), b);
  if (pair < half_rotary) {
    const float2 angle =
        ((const __global float2*)AT(angles))[(ulong)INTS(positions)[t] * half_rotary + pair];
    const float turned = left * angle.x - right * angle.y;
    right = left * angle.y + right * angle.x;
    left = turned;
  }
  STORE_A(AT(y), a, left);
  STORE_A(AT(y), b, right);
}
