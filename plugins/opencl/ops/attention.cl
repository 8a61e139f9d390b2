/// Keys or values [T, width] to their slots in a plane of the state.
__kernel void append_state(IN(x), IN(slots), OUT(plane), const uint width) {
  const uint d = get_global_id(0), t = get_global_id(1);
  if (d >= width) return;
  const int slot = INTS(slots)[t];
  if (slot < 0) return;
  STORE_S(AT(plane), (ulong)slot * width + d, LOAD_A(AT(x), (ulong)t * width + d));
}

/// Causal grouped-query attention over a paged state, softmax by one pass (Milakov and Gimelshein
/// 2018, algorithm 3). Work-item (key head, token): all GROUP query heads of a key head, so that
/// every key and value is read once for them. GROUP, K_DIM and V_DIM are constants of the program.
__kernel void attention(IN(q), IN(keys), IN(values), OUT(y), IN(seq_of_token), IN(cu_seqlens),
                        IN(kv_lens), IN(table), const uint stride, const uint page_tokens,
                        const uint kv_heads, const int window, const float scale) {
  const uint head = get_global_id(0), t = get_global_id(1);
  const ulong out = ((ulong)t * kv_heads + head) * GROUP * V_DIM;
  const int seq = INTS(seq_of_token)[t];
  if (seq < 0) {
    for (uint i = 0; i < GROUP * V_DIM; ++i) STORE_A(AT(y), out + i, 0);
    return;
  }
  float query[GROUP][K_DIM], sums[GROUP][V_DIM], most[GROUP], total[GROUP];
  for (uint g = 0; g < GROUP; ++g) {
    const ulong from = (((ulong)t * kv_heads + head) * GROUP + g) * K_DIM;
    for (uint i = 0; i < K_DIM; ++i) query[g][i] = LOAD_A(AT(q), from + i) * scale;
    for (uint i = 0; i < V_DIM; ++i) sums[g][i] = 0;
    most[g] = -INFINITY;
    total[g] = 0;
  }
  const int position = INTS(kv_lens)[seq] - (INTS(cu_seqlens)[seq + 1] - (int)t);
  const int first = position >= window ? position - window + 1 : 0;
  const __global int* pages = INTS(table) + (ulong)seq * stride;
  for (int i = first; i <= position; ++i) {
    const ulong slot = (ulong)pages[i / page_tokens] * page_tokens + i % page_tokens;
    const ulong key = (slot * kv_heads + head) * K_DIM, value = (slot * kv_heads + head) * V_DIM;
    for (uint g = 0; g < GROUP; ++g) {
      float score = 0;
#if K_DIM % 16 == 0
      float16 parts = 0;
      for (uint d = 0; d < K_DIM; d += 16)
        parts = fma(LOAD16_S(AT(keys), key + d), vload16(0, query[g] + d), parts);
      score = sum16(parts);
#else
      for (uint d = 0; d < K_DIM; ++d) score += LOAD_S(AT(keys), key + d) * query[g][d];
#endif
      float weight = 1;
      if (score > most[g]) {
        const float shrink = exp(most[g] - score);
        total[g] *= shrink;
        for (uint d = 0; d < V_DIM; ++d) sums[g][d] *= shrink;
        most[g] = score;
      } else {
        weight = exp(score - most[g]);
      }
      total[g] += weight;
#if V_DIM % 16 == 0
      for (uint d = 0; d < V_DIM; d += 16)
        vstore16(fma((float16)weight, LOAD16_S(AT(values), value + d), vload16(0, sums[g] + d)), 0,
                 sums[g] + d);
#else
      for (uint d = 0; d < V_DIM; ++d) sums[g][d] += weight * LOAD_S(AT(values), value + d);
#endif
    }
  }
  for (uint g = 0; g < GROUP; ++g)
    for (uint d = 0; d < V_DIM; ++d) STORE_A(AT(y), out + g * V_DIM + d, sums[g][d] / total[g]);
}
