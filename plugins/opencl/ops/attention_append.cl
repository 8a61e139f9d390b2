/// Keys or values [T, width] to their slots in a plane of the state. One work-item an element.
__kernel void attention_append(IN(x), IN(slots), OUT(plane), const uint width) {
  const uint d = get_global_id(0), t = get_global_id(1);
  if (d >= width) return;
  const int slot = INTS(slots)[t];
  if (slot < 0) return;
  STORE_S(AT(plane), (ulong)slot * width + d, LOAD_A(AT(x), (ulong)t * width + d));
}
