/// y [T, D] = weight [V, D] by tokens [T]. One work-item an element.
__kernel void embedding(IN(tokens), IN(weight), OUT(y), const uint width) {
  const uint d = get_global_id(0), t = get_global_id(1);
  if (d >= width) return;
  STORE_A(AT(y), (ulong)t * width + d, LOAD_W(AT(weight), (ulong)INTS(tokens)[t] * width + d));
}
