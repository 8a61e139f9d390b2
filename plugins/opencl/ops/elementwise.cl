/// As in lowering.cpp.
enum { ADD, MUL, SILU, SWIGLU, COPY };

/// y[i] = f(a[i], b[i % b_elements]), over n elements.
__kernel void elementwise(IN(a), IN(b), OUT(y), const int op, const ulong b_elements,
                          const uint n) {
  const ulong i = get_global_id(0);
  if (i >= n) return;
  float x = LOAD_A(AT(a), i);
  if (op == SILU || op == SWIGLU) x = x / (1 + exp(-x));
  if (op == ADD) x += LOAD_W(AT(b), i % b_elements);
  if (op == MUL || op == SWIGLU) x *= LOAD_W(AT(b), i % b_elements);
  STORE_S(AT(y), i, x);
}
