/// Causal grouped-query attention over a paged state, softmax by one pass (Milakov and Gimelshein
/// 2018, algorithm 3), TILE keys at a time.
///
/// Work-group (key head, block of TOKENS tokens, split of the keys): all query heads of the key
/// head and all tokens of the block that are of one sequence, so that each key and value is read
/// once for them. Keys are shared out among the LANES items to be scored, elements of the values to
/// be added up. GROUP, K_DIM, V_DIM, TOKENS and TILE are constants of the program; VEC divides all
/// but GROUP and TOKENS.
///
/// With one split y is written; with more, `parts` [tokens, heads, splits, V_DIM + 2] holds sums
/// not yet divided, their largest score and their total, for attention_combine.
#define QUERIES (TOKENS * GROUP)
#define CHUNKS ((V_DIM / VEC + LANES - 1) / LANES)

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void attention(
    IN(q), IN(keys), IN(values), OUT(y), OUT(parts), IN(seq_of_token), IN(cu_seqlens), IN(kv_lens),
    IN(table), const uint stride, const uint page_tokens, const uint kv_heads, const int window,
    const float scale, const uint tokens) {
  const uint lane = get_local_id(0), head = get_group_id(0);
  const uint split = get_group_id(2), splits = get_num_groups(2);
  const uint stop = min((uint)(get_group_id(1) + 1) * TOKENS, tokens);
  __local float query[QUERIES * K_DIM], weight[QUERIES * TILE];
  __local float most[QUERIES], total[QUERIES], shrink[QUERIES];
  __local int slots[TILE];

  for (uint t = get_group_id(1) * TOKENS, run = 1; t < stop; t += run) {
    const int seq = INTS(seq_of_token)[t];
    for (run = 1; t + run < stop && INTS(seq_of_token)[t + run] == seq;) ++run;
    SYNC();
    for (uint i = lane; i < QUERIES * K_DIM; i += LANES) {
      const uint token = min(i / (GROUP * K_DIM), run - 1);
      query[i] = scale * LOAD_A(AT(q), ((ulong)(t + token) * kv_heads + head) * GROUP * K_DIM +
                                           i % (GROUP * K_DIM));
    }
    for (uint i = lane; i < QUERIES; i += LANES) {
      most[i] = -INFINITY;
      total[i] = 0;
    }
    floatv sums[CHUNKS][QUERIES];
    for (uint c = 0; c < CHUNKS; ++c)
      for (uint i = 0; i < QUERIES; ++i) sums[c][i] = 0;

    // Positions of the run's first query and behind its last; keys from `low` on are seen. Null
    // rows see none: nothing here branches around a barrier, which compilers for CPUs get wrong.
    const int known = max(seq, 0);
    const int position = INTS(kv_lens)[known] - (INTS(cu_seqlens)[known + 1] - (int)t);
    const int behind = seq < 0 ? 0 : position + (int)run;
    const int low = seq >= 0 && position >= window ? position - window + 1 : 0;
    const int share = (((behind - low + (int)splits - 1) / (int)splits + TILE - 1) / TILE) * TILE;
    const int begin = low + (int)split * share, end = min(begin + share, behind);
    const __global int* pages = INTS(table) + (ulong)known * stride;

    for (int base = begin; base < end; base += TILE) {
      SYNC();
      for (uint c = lane; c < TILE; c += LANES) {
        const int i = min(base + (int)c, end - 1);
        slots[c] = pages[i / (int)page_tokens] * (int)page_tokens + i % (int)page_tokens;
        const ulong key = ((ulong)slots[c] * kv_heads + head) * K_DIM;
        floatv products[QUERIES];
#pragma unroll
        for (uint j = 0; j < QUERIES; ++j) products[j] = 0;
        for (uint d = 0; d < K_DIM; d += VEC) {
          const floatv part = LOADV_S(AT(keys), key + d);
#pragma unroll
          for (uint j = 0; j < QUERIES; ++j)
            products[j] = fma(part, READV(query + j * K_DIM + d), products[j]);
        }
#pragma unroll
        for (uint j = 0; j < QUERIES; ++j) {
          const int own = position + (int)(j / GROUP);
          const bool seen = base + (int)c < end && i <= own && own - i < window;
          weight[j * TILE + c] = seen ? sumv(products[j]) : -INFINITY;
        }
      }
      SYNC();
      for (uint j = lane; j < QUERIES; j += LANES) {
        float top = most[j];
        for (uint c = 0; c < TILE; ++c) top = max(top, weight[j * TILE + c]);
        // A query that has seen no key yet has no largest score.
        shrink[j] = top == -INFINITY ? 1 : exp(most[j] - top);
        most[j] = top;
      }
      SYNC();
      for (uint i = lane * VEC; i < QUERIES * TILE; i += LANES * VEC) {
        const float top = most[i / TILE];
        WRITEV(exp(READV(weight + i) - (top == -INFINITY ? 0 : top)), weight + i);
      }
      SYNC();
      for (uint j = lane; j < QUERIES; j += LANES) {
        floatv sum = 0;
        for (uint c = 0; c < TILE; c += VEC) sum += READV(weight + j * TILE + c);
        total[j] = total[j] * shrink[j] + sumv(sum);
      }
      const uint n = min(TILE, end - base);
#pragma unroll
      for (uint c = 0; c < CHUNKS; ++c) {
        const uint d = (c * LANES + lane) * VEC;
        if (d >= V_DIM) continue;
        floatv added[QUERIES];
#pragma unroll
        for (uint j = 0; j < QUERIES; ++j) added[j] = sums[c][j] * shrink[j];
        for (uint i = 0; i < n; ++i) {
          const floatv part = LOADV_S(AT(values), ((ulong)slots[i] * kv_heads + head) * V_DIM + d);
#pragma unroll
          for (uint j = 0; j < QUERIES; ++j) added[j] = fma(part, weight[j * TILE + i], added[j]);
        }
#pragma unroll
        for (uint j = 0; j < QUERIES; ++j) sums[c][j] = added[j];
      }
    }
    SYNC();
    for (uint j = 0; j < run * GROUP; ++j) {
      const ulong row = ((ulong)(t + j / GROUP) * kv_heads + head) * GROUP + j % GROUP;
      __global float* own = (__global float*)AT(parts) + (row * splits + split) * (V_DIM + 2);
      for (uint c = 0; c < CHUNKS; ++c) {
        const uint d = (c * LANES + lane) * VEC;
        if (d >= V_DIM) continue;
        float numbers[VEC];
        WRITEV(sums[c][j], numbers);
        for (uint v = 0; v < VEC; ++v) {
          if (splits == 1) {
            STORE_A(AT(y), row * V_DIM + d + v, seq < 0 ? 0 : numbers[v] / total[j]);
          } else {
            own[d + v] = numbers[v];
          }
        }
      }
      if (splits > 1 && lane == 0) {
        own[V_DIM] = most[j];
        own[V_DIM + 1] = total[j];
      }
    }
  }
}

/// y from the parts of all splits. Work-group (query head, token), items share its elements.
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void attention_combine(
    IN(parts), OUT(y), IN(seq_of_token), const uint splits) {
  const uint heads = get_num_groups(0);
  const ulong row = (ulong)get_group_id(1) * heads + get_group_id(0);
  const __global float* own = (const __global float*)AT(parts) + row * splits * (V_DIM + 2);
  const bool null_row = INTS(seq_of_token)[get_group_id(1)] < 0;
  float top = -INFINITY;
  for (uint s = 0; s < splits && !null_row; ++s) top = max(top, own[s * (V_DIM + 2) + V_DIM]);
  for (uint d = get_local_id(0); d < V_DIM; d += LANES) {
    float sum = 0, total = 0;
    for (uint s = 0; s < splits && !null_row; ++s) {
      const __global float* part = own + s * (V_DIM + 2);
      const float share = exp(part[V_DIM] - top);
      sum += share * part[d];
      total += share * part[V_DIM + 1];
    }
    STORE_A(AT(y), row * V_DIM + d, null_row ? 0 : sum / total);
  }
}
