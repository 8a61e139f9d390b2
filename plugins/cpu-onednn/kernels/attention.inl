// Paged grouped-query attention with an online softmax (Milakov and Gimelshein 2018): keys and
// values are read once for all query heads of a group, in f32 registers whatever they are stored
// in.

namespace sirocco::cpu {
namespace {

/// Sequences with at most so many new tokens go through their pages directly; others in tiles.
constexpr int64_t kFewTokens = 8;
/// Keys that are taken together, from however many pages, and about so many query rows (token,
/// head) go with them in a tile.
constexpr int64_t kTileKeys = 64;
constexpr int64_t kTileRows = 256;
/// Rows of keys or values that are fetched ahead at a time.
constexpr int64_t kFetchRows = 16;
/// Pages are split among threads, with a merge, only below so many heads a thread.
constexpr int64_t kHeadsWorthSplitting = 4;

constexpr float kLowest = -__builtin_inff();

inline int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
inline int64_t most(int64_t a, int64_t b) {
  return a > b ? a : b;
}

/// The new tokens of one sequence.
struct Span {
  int64_t first_token, n, first_position;
};
inline Span span_of(const AttentionArgs& args, int64_t s) {
  const int64_t begin = args.cu_seqlens[s], n = args.cu_seqlens[s + 1] - begin;
  return {begin, n, args.kv_lens[s] - n};
}
/// The first position that a query at `position` sees.
inline int64_t first_seen(const AttentionArgs& args, int64_t position) {
  return args.window > position ? 0 : position - args.window + 1;
}

inline int64_t tile_tokens(const AttentionArgs& args) {
  return most(kTileRows / (args.n_heads / args.n_kv_heads), 1);
}

// ---- sums of products ----

/// Rows that lie a stride apart.
template <class T>
struct Strided {
  const T* first;
  int64_t stride;
  const T* operator[](int64_t j) const { return first + j * stride; }
};
/// Rows that lie anywhere.
template <class T>
struct Listed {
  const T* const* rows;
  const T* operator[](int64_t j) const { return rows[j]; }
};

/// c[r, 0..columns) += sum_j a[r, j] * b[j, 0..columns), kRows rows of c.
template <int kRows, class B>
void multiply_rows(const float* a, int64_t a_stride, const B& b, int64_t n_inner, int64_t columns,
                   float* c, int64_t c_stride) {
  // kRows * kVectors sums, and operands beside them.
  constexpr int kVectors = kRows == 1 ? 8 : kRegisters / (2 * kRows);
  int64_t column = 0;
  for (; column + kVectors * kWidth <= columns; column += kVectors * kWidth) {
    Vec sums[kRows][kVectors];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sums[r][v] = load(c + r * c_stride + column + v * kWidth);
    for (int64_t j = 0; j < n_inner; ++j) {
      Vec right[kVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) right[v] = load(b[j] + column + v * kWidth);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const Vec left = splat(a[r * a_stride + j]);
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) sums[r][v] = fma(left, right[v], sums[r][v]);
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) store(c + r * c_stride + column + v * kWidth, sums[r][v]);
  }
  for (; column < columns; column += kWidth) {
    const int64_t n = part(column, columns);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      Vec total = load_some(c + r * c_stride + column, n);
      for (int64_t j = 0; j < n_inner; ++j)
        total = fma(splat(a[r * a_stride + j]), load_some(b[j] + column, n), total);
      store_some(c + r * c_stride + column, n, total);
    }
  }
}

template <class B>
void multiply(const float* a, int64_t a_stride, const B& b, int64_t rows, int64_t n_inner,
              int64_t columns, float* c, int64_t c_stride) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4)
    multiply_rows<4>(a + r * a_stride, a_stride, b, n_inner, columns, c + r * c_stride, c_stride);
  for (; r + 2 <= rows; r += 2)
    multiply_rows<2>(a + r * a_stride, a_stride, b, n_inner, columns, c + r * c_stride, c_stride);
  for (; r < rows; ++r)
    multiply_rows<1>(a + r * a_stride, a_stride, b, n_inner, columns, c + r * c_stride, c_stride);
}

/// out[r * stride + j] = the sum of sums[r][j]'s elements.
template <int kRows, int kKeys>
inline void store_sums(const Vec (&sums)[kRows][kKeys], float* out, int64_t stride) {
#if defined(__AVX512F__)
  if constexpr (kRows == 4 && kKeys == 4) {
    // All sixteen at once: neighbours are added while they are interleaved, first elements, then
    // pairs, then the four quarters of a register.
    __m512 pairs[8], fours[4];
    for (int i = 0; i < 8; ++i) {
      const __m512 a = sums[i / 2][i % 2 * 2], b = sums[i / 2][i % 2 * 2 + 1];
      pairs[i] = _mm512_unpacklo_ps(a, b) + _mm512_unpackhi_ps(a, b);
    }
    for (int i = 0; i < 4; ++i) {
      const __m512d a = _mm512_castps_pd(pairs[2 * i]), b = _mm512_castps_pd(pairs[2 * i + 1]);
      fours[i] =
          _mm512_castpd_ps(_mm512_unpacklo_pd(a, b)) + _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
    }
    const __m512 low = _mm512_shuffle_f32x4(fours[0], fours[1], 0x88) +
                       _mm512_shuffle_f32x4(fours[0], fours[1], 0xdd);
    const __m512 high = _mm512_shuffle_f32x4(fours[2], fours[3], 0x88) +
                        _mm512_shuffle_f32x4(fours[2], fours[3], 0xdd);
    const __m512 all =
        _mm512_shuffle_f32x4(low, high, 0x88) + _mm512_shuffle_f32x4(low, high, 0xdd);
    _mm_storeu_ps(out, _mm512_extractf32x4_ps(all, 0));
    _mm_storeu_ps(out + stride, _mm512_extractf32x4_ps(all, 1));
    _mm_storeu_ps(out + 2 * stride, _mm512_extractf32x4_ps(all, 2));
    _mm_storeu_ps(out + 3 * stride, _mm512_extractf32x4_ps(all, 3));
    return;
  }
#elif defined(__AVX2__)
  if constexpr (kKeys == 4) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r)
      _mm_storeu_ps(out + r * stride, sums_of(sums[r][0], sums[r][1], sums[r][2], sums[r][3]));
    return;
  }
  if constexpr (kRows == 4 && kKeys == 2) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; r += 2) {
      const __m128 four = sums_of(sums[r][0], sums[r][1], sums[r + 1][0], sums[r + 1][1]);
      _mm_storel_pi(reinterpret_cast<__m64*>(out + r * stride), four);
      _mm_storeh_pi(reinterpret_cast<__m64*>(out + (r + 1) * stride), four);
    }
    return;
  }
#endif
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 16
    for (int j = 0; j < kKeys; ++j) out[r * stride + j] = sum(sums[r][j]);
}

/// scores[r, j] = q[r] · keys[first + j], kRows rows and kKeys keys.
template <int kRows, int kKeys, class K>
inline void dots(const float* q, const K& keys, int64_t first, int64_t dim, float* scores,
                 int64_t score_stride) {
  Vec sums[kRows][kKeys] = {};
  int64_t d = 0;
  for (; d + kWidth <= dim; d += kWidth) {
    Vec key[kKeys];
#pragma GCC unroll 16
    for (int j = 0; j < kKeys; ++j) key[j] = load(keys[first + j] + d);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const Vec query = load(q + r * dim + d);
#pragma GCC unroll 16
      for (int j = 0; j < kKeys; ++j) sums[r][j] = fma(query, key[j], sums[r][j]);
    }
  }
  if (d < dim) {
#pragma GCC unroll 16
    for (int j = 0; j < kKeys; ++j) {
      const Vec key = load_part(keys[first + j] + d, dim - d);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r)
        sums[r][j] = fma(load_part(q + r * dim + d, dim - d), key, sums[r][j]);
    }
  }
  store_sums(sums, scores, score_stride);
}

/// The same for kRows rows and all keys, kKeys at a time.
template <int kRows, int kKeys, class K>
void row_dots(const float* q, const K& keys, int64_t n_keys, int64_t dim, float* scores,
              int64_t score_stride) {
  int64_t j = 0;
  for (; j + kKeys <= n_keys; j += kKeys)
    dots<kRows, kKeys>(q, keys, j, dim, scores + j, score_stride);
  for (; j < n_keys; ++j) dots<kRows, 1>(q, keys, j, dim, scores + j, score_stride);
}

template <class K>
void all_dots(const float* q, int64_t rows, const K& keys, int64_t n_keys, int64_t dim,
              float* scores, int64_t score_stride) {
  // Four rows times so many keys are summed in registers.
  constexpr int kKeys = kRegisters == 32 ? 4 : 2;
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4)
    row_dots<4, kKeys>(q + r * dim, keys, n_keys, dim, scores + r * score_stride, score_stride);
  for (; r + 2 <= rows; r += 2)
    row_dots<2, 4>(q + r * dim, keys, n_keys, dim, scores + r * score_stride, score_stride);
  for (; r < rows; ++r)
    row_dots<1, 4>(q + r * dim, keys, n_keys, dim, scores + r * score_stride, score_stride);
}

// ---- online softmax ----

/// Query rows in the making: the largest score so far, the sum of exponentials, and the sum of
/// values weighted by them.
struct Rows {
  float* most;    ///< [rows]
  float* sum;     ///< [rows]
  float* values;  ///< [rows, v_dim]
};

/// One row's `n` scores to weights, of which only those in [begin, end) are seen, which may reach
/// beyond [0, n); what was summed so far is scaled to the new largest score.
void soften(float* scores, int64_t n, int64_t begin, int64_t end, float* largest_yet,
            float* sum_yet, float* values, int64_t v_dim) {
  begin = most(begin, 0);
  end = least(end, n);
  if (begin >= end) {
    std::memset(scores, 0, static_cast<size_t>(n) * sizeof(float));
    return;
  }
  for (int64_t j = 0; j < begin; ++j) scores[j] = kLowest;
  for (int64_t j = end; j < n; ++j) scores[j] = kLowest;
  Vec best = splat(kLowest);
  int64_t j = 0;
  for (; j + kWidth <= n; j += kWidth) best = maximum(best, load(scores + j));
  float top = largest(best);
  for (; j < n; ++j) top = scores[j] > top ? scores[j] : top;
  if (top > *largest_yet) {
    float factor[1];
    store_part(factor, 1, exp(splat(*largest_yet - top)));
    *largest_yet = top;
    *sum_yet *= factor[0];
    for (int64_t d = 0; d < v_dim; d += kWidth)
      store_some(values + d, part(d, v_dim), load_some(values + d, part(d, v_dim)) * factor[0]);
  }
  Vec total = {};
  for (j = 0; j < n; j += kWidth) {
    const int64_t count = part(j, n);
    const Vec weight = exp(load_some(scores + j, count) - *largest_yet);
    store_some(scores + j, count, weight);
    if (count == kWidth) {
      total += weight;
    } else {
      for (int64_t i = 0; i < count; ++i) *sum_yet += scores[j + i];
    }
  }
  *sum_yet += sum(total);
}

inline void clear(const Rows& rows, int64_t n, int64_t v_dim) {
  for (int64_t r = 0; r < n; ++r) {
    rows.most[r] = kLowest;
    rows.sum[r] = 0;
  }
  std::memset(rows.values, 0, static_cast<size_t>(n * v_dim) * sizeof(float));
}

/// The queries of `n` tokens for one group of heads, scaled: rows ordered by token, then head.
inline void load_queries(const AttentionArgs& args, int64_t token, int64_t n, int64_t kv_head,
                         float* q) {
  const int64_t group = args.n_heads / args.n_kv_heads, width = group * args.k_dim;
  for (int64_t t = 0; t < n; ++t) {
    const int64_t first = ((token + t) * args.n_heads + kv_head * group) * args.k_dim;
    to_f32(args.dtype, static_cast<const char*>(args.q) + first * bytes_of(args.dtype), width,
           q + t * width);
  }
  map(q, n * width, [&](Vec x) { return x * args.scale; });
}

/// Rows that are done, to the output.
inline void store_outputs(const AttentionArgs& args, int64_t token, int64_t n, int64_t kv_head,
                          const Rows& rows) {
  const int64_t group = args.n_heads / args.n_kv_heads;
  for (int64_t t = 0; t < n; ++t) {
    for (int64_t h = 0; h < group; ++h) {
      float* values = rows.values + (t * group + h) * args.v_dim;
      const float factor = 1.0f / rows.sum[t * group + h];
      map(values, args.v_dim, [&](Vec x) { return x * factor; });
    }
    const int64_t first = ((token + t) * args.n_heads + kv_head * group) * args.v_dim;
    from_f32(args.dtype, rows.values + t * group * args.v_dim, group * args.v_dim,
             static_cast<char*>(args.out) + first * bytes_of(args.dtype));
  }
}

// ---- few new tokens ----

/// Rows of sums in one piece of memory of row_floats() floats a row.
inline int64_t row_floats(int64_t v_dim) {
  return v_dim + 2;
}
inline Rows rows_at(float* memory, int64_t n, int64_t v_dim) {
  return {memory + n * v_dim, memory + n * (v_dim + 1), memory};
}

/// The rows of keys and values of up to kTileKeys positions, as the block table places them.
template <class T>
struct KeyTile {
  const T* keys[kTileKeys];
  const T* values[kTileKeys];
  int64_t n;
};

template <class T>
inline void find_tile(const AttentionArgs& args, const int32_t* table, int64_t first, int64_t last,
                      KeyTile<T>& tile) {
  const int64_t k_width = args.n_kv_heads * args.k_dim, v_width = args.n_kv_heads * args.v_dim;
  tile.n = first > last ? 0 : least(kTileKeys, last + 1 - first);
  for (int64_t j = 0; j < tile.n;) {
    const int64_t offset = (first + j) % args.page_tokens;
    const int64_t slot = table[(first + j) / args.page_tokens] * args.page_tokens + offset;
    const int64_t end = least(tile.n, j + args.page_tokens - offset);
    for (int64_t i = 0; j < end; ++i, ++j) {
      tile.keys[j] = static_cast<const T*>(args.keys) + (slot + i) * k_width;
      tile.values[j] = static_cast<const T*>(args.values) + (slot + i) * v_width;
    }
  }
}

/// Elements [first, first + n) of rows [begin, end), on their way to the cache: pages may lie
/// anywhere, so the processor's prefetchers know nothing of the next.
template <class T>
inline void fetch_rows(const T* const* rows, int64_t begin, int64_t end, int64_t first, int64_t n) {
  for (int64_t j = begin; j < end; ++j)
    for (int64_t d = 0; d < n; d += 64 / static_cast<int64_t>(sizeof(T)))
      __builtin_prefetch(rows[j] + first + d, 0, 2);
}

/// Keys [first, last] of one sequence for the heads [head, head_end), tile by tile: the rows of all
/// heads are updated before the next tile is read.
template <class T>
void few_pages(const T*, const AttentionArgs& args, int64_t s, int64_t head, int64_t head_end,
               int64_t first, int64_t last, const float* q, const Rows& rows, float* scores) {
  const Span span = span_of(args, s);
  const int64_t group = args.n_heads / args.n_kv_heads, n_rows = span.n * group;
  const int32_t* table = args.block_table + s * args.table_stride;
  KeyTile<T> tiles[2];
  find_tile(args, table, first, last, tiles[0]);
  for (int64_t begin = first, turn = 0; begin <= last; begin += kTileKeys, turn ^= 1) {
    const KeyTile<T>& tile = tiles[turn];
    KeyTile<T>& next = tiles[turn ^ 1];
    find_tile(args, table, begin + kTileKeys, last, next);
    for (int64_t h = head; h < head_end; ++h) {
      const T *keys[kTileKeys], *values[kTileKeys];
      for (int64_t j = 0; j < tile.n; ++j) {
        keys[j] = tile.keys[j] + h * args.k_dim;
        values[j] = tile.values[j] + h * args.v_dim;
      }
      // The next tile is fetched a few rows at a time, so that the memory works all along.
      const int64_t row = (h - head) * n_rows;
      for (int64_t j = 0; j < tile.n; j += kFetchRows) {
        fetch_rows(next.keys, j, least(j + kFetchRows, next.n), h * args.k_dim, args.k_dim);
        all_dots(q + row * args.k_dim, n_rows, Listed<T>{keys + j}, least(kFetchRows, tile.n - j),
                 args.k_dim, scores + j, kTileKeys);
      }
      for (int64_t r = 0; r < n_rows; ++r) {
        const int64_t position = span.first_position + r / group;
        soften(scores + r * kTileKeys, tile.n, first_seen(args, position) - begin,
               position + 1 - begin, rows.most + row + r, rows.sum + row + r,
               rows.values + (row + r) * args.v_dim, args.v_dim);
      }
      for (int64_t j = 0; j < tile.n; j += kFetchRows) {
        fetch_rows(next.values, j, least(j + kFetchRows, next.n), h * args.v_dim, args.v_dim);
        multiply(scores + j, kTileKeys, Listed<T>{values + j}, n_rows,
                 least(kFetchRows, tile.n - j), args.v_dim, rows.values + row * args.v_dim,
                 args.v_dim);
      }
    }
  }
}

/// The same, from queries to `rows`, which it clears first.
void few(const AttentionArgs& args, int64_t s, int64_t head, int64_t head_end, int64_t first,
         int64_t last, const Rows& rows, float* scratch) {
  const Span span = span_of(args, s);
  const int64_t n_rows = span.n * (args.n_heads / args.n_kv_heads);
  float* scores = scratch;
  float* q = scratch + n_rows * kTileKeys;
  for (int64_t h = head; h < head_end; ++h)
    load_queries(args, span.first_token, span.n, h, q + (h - head) * n_rows * args.k_dim);
  clear(rows, (head_end - head) * n_rows, args.v_dim);
  with_type(args.kv_dtype, [&](auto* type) {
    few_pages(type, args, s, head, head_end, first, last, q, rows, scores);
  });
}

// ---- many new tokens ----

/// One tile of keys for one head: keys transposed to [k_dim, kTileKeys], values [kTileKeys, v_dim].
template <class T>
void load_tile(const T*, const AttentionArgs& args, const int32_t* table, int64_t head,
               int64_t first, int64_t n, float* keys, float* values) {
  for (int64_t j = 0; j < n; ++j) {
    const int64_t position = first + j;
    const int64_t slot =
        table[position / args.page_tokens] * args.page_tokens + position % args.page_tokens;
    const T* key = static_cast<const T*>(args.keys) + (slot * args.n_kv_heads + head) * args.k_dim;
    const T* value =
        static_cast<const T*>(args.values) + (slot * args.n_kv_heads + head) * args.v_dim;
    for (int64_t d = 0; d < args.k_dim; ++d) keys[d * kTileKeys + j] = to_float(key[d]);
    for (int64_t d = 0; d < args.v_dim; d += kWidth)
      store_some(values + j * args.v_dim + d, part(d, args.v_dim),
                 load_some(value + d, part(d, args.v_dim)));
  }
}

/// Tokens [token, token + n) of a sequence, counted from its first new one, for one group of heads.
void tile(const AttentionArgs& args, int64_t s, int64_t head, int64_t token, int64_t n,
          float* scratch) {
  const Span span = span_of(args, s);
  const int64_t group = args.n_heads / args.n_kv_heads, n_rows = n * group;
  const int32_t* table = args.block_table + s * args.table_stride;
  float* q = scratch;
  float* keys = q + n_rows * args.k_dim;
  float* values = keys + kTileKeys * args.k_dim;
  float* scores = values + kTileKeys * args.v_dim;
  const Rows rows = rows_at(scores + n_rows * kTileKeys, n_rows, args.v_dim);
  load_queries(args, span.first_token + token, n, head, q);
  clear(rows, n_rows, args.v_dim);
  const int64_t begin = span.first_position + token, last = begin + n - 1;
  for (int64_t first = first_seen(args, begin); first <= last; first += kTileKeys) {
    const int64_t n_keys = least(kTileKeys, last + 1 - first);
    with_type(args.kv_dtype,
              [&](auto* type) { load_tile(type, args, table, head, first, n_keys, keys, values); });
    std::memset(scores, 0, static_cast<size_t>(n_rows * kTileKeys) * sizeof(float));
    multiply(q, args.k_dim, Strided<float>{keys, kTileKeys}, n_rows, args.k_dim, n_keys, scores,
             kTileKeys);
    for (int64_t r = 0; r < n_rows; ++r) {
      const int64_t position = begin + r / group;
      soften(scores + r * kTileKeys, n_keys, first_seen(args, position) - first,
             position + 1 - first, rows.most + r, rows.sum + r, rows.values + r * args.v_dim,
             args.v_dim);
    }
    multiply(scores, kTileKeys, Strided<float>{values, args.v_dim}, n_rows, n_keys, args.v_dim,
             rows.values, args.v_dim);
  }
  store_outputs(args, span.first_token + token, n, head, rows);
}

// ---- sharing the work ----

/// Keys that `n` tokens from `position` on look at, all together.
inline int64_t keys_seen(const AttentionArgs& args, int64_t position, int64_t n) {
  return n * (position + n - first_seen(args, position));
}

/// Calls body(s, head, token, n, keys) for every tile, those of few tokens being one tile a head.
template <class Body>
inline void each_tile(const AttentionArgs& args, Body body) {
  for (int64_t s = 0; s < args.n_seqs; ++s) {
    const Span span = span_of(args, s);
    const int64_t step = span.n <= kFewTokens ? most(span.n, 1) : tile_tokens(args);
    for (int64_t head = 0; head < args.n_kv_heads; ++head) {
      for (int64_t token = 0; token < span.n; token += step) {
        const int64_t n = least(step, span.n - token);
        body(s, head, token, n, keys_seen(args, span.first_position + token, n));
      }
    }
  }
}

/// Pages of a sequence of few tokens that are one thread's, where pages are split.
struct PageRange {
  int64_t first, last;  ///< positions
};
inline PageRange split_pages(const AttentionArgs& args, const Span& span, int64_t thread,
                             int64_t n_threads) {
  const int64_t first = first_seen(args, span.first_position) / args.page_tokens;
  const int64_t last = span.first_position + span.n - 1, n = last / args.page_tokens + 1 - first;
  const int64_t begin = first + n * thread / n_threads, end = first + n * (thread + 1) / n_threads;
  return {most(begin * args.page_tokens, first_seen(args, span.first_position)),
          least(end * args.page_tokens - 1, last)};
}

/// Where one thread's sums of a sequence lie in the shared memory.
inline Rows shared_rows(const AttentionArgs& args, int64_t s, int64_t n_rows, int64_t thread,
                        int64_t n_threads) {
  const int64_t most_rows = kFewTokens * args.n_heads;
  float* memory = args.shared + (s * n_threads + thread) * most_rows * row_floats(args.v_dim);
  return rows_at(memory, n_rows, args.v_dim);
}

int64_t attention_scratch_floats(int64_t n_heads, int64_t n_kv_heads, int64_t k_dim,
                                 int64_t v_dim) {
  const int64_t group = n_heads / n_kv_heads;
  const int64_t rows = most(kTileRows / group, 1) * group;
  const int64_t tiles =
      rows * (k_dim + kTileKeys + row_floats(v_dim)) + kTileKeys * (k_dim + v_dim);
  const int64_t few_rows = kFewTokens * n_heads;
  return most(tiles, few_rows * (k_dim + kTileKeys + row_floats(v_dim)));
}

/// Sequences whose pages are split at once.
inline int64_t split_seqs(int64_t max_seqs, int64_t n_kv_heads, int64_t n_threads) {
  return least(max_seqs, kHeadsWorthSplitting * n_threads / n_kv_heads + 1);
}

int64_t attention_shared_floats(int64_t max_seqs, int64_t n_heads, int64_t n_kv_heads,
                                int64_t v_dim, int64_t n_threads) {
  return split_seqs(max_seqs, n_kv_heads, n_threads) * n_threads * kFewTokens * n_heads *
         row_floats(v_dim);
}

/// Heads are shared out as they are where that is even, or where there are many of them.
bool attention_needs_merge(const AttentionArgs& args, int64_t n_threads) {
  const int64_t heads = args.n_seqs * args.n_kv_heads;
  if (n_threads == 1 || heads % n_threads == 0 || heads >= kHeadsWorthSplitting * n_threads)
    return false;
  for (int64_t s = 0; s < args.n_seqs; ++s)
    if (span_of(args, s).n > kFewTokens) return false;
  return true;
}

void attention(const AttentionArgs& args, float* scratch, int64_t thread, int64_t n_threads) {
  if (attention_needs_merge(args, n_threads)) {
    for (int64_t s = 0; s < args.n_seqs; ++s) {
      const Span span = span_of(args, s);
      if (span.n == 0) continue;
      const int64_t n_rows = span.n * args.n_heads;
      const PageRange range = split_pages(args, span, thread, n_threads);
      few(args, s, 0, args.n_kv_heads, range.first, range.last,
          shared_rows(args, s, n_rows, thread, n_threads), scratch);
    }
    return;
  }
  int64_t total = 0, seen = 0;
  each_tile(args, [&](int64_t, int64_t, int64_t, int64_t, int64_t keys) { total += keys; });
  int64_t few_seq = -1, few_head = 0, few_end = 0;  // heads of one sequence that are taken together
  const int64_t few_rows = kFewTokens * args.n_heads;
  float* sums = scratch + few_rows * (args.k_dim + kTileKeys);
  const auto flush = [&] {
    if (few_seq < 0) return;
    const Span span = span_of(args, few_seq);
    const int64_t n_rows = span.n * (args.n_heads / args.n_kv_heads);
    const Rows rows = rows_at(sums, (few_end - few_head) * n_rows, args.v_dim);
    few(args, few_seq, few_head, few_end, first_seen(args, span.first_position),
        span.first_position + span.n - 1, rows, scratch);
    for (int64_t h = few_head; h < few_end; ++h) {
      const int64_t row = (h - few_head) * n_rows;
      store_outputs(args, span.first_token, span.n, h,
                    {rows.most + row, rows.sum + row, rows.values + row * args.v_dim});
    }
    few_seq = -1;
  };
  each_tile(args, [&](int64_t s, int64_t head, int64_t token, int64_t n, int64_t keys) {
    // A tile is the thread's in whose share its middle lies.
    const bool mine = (2 * seen + keys) * n_threads / (2 * total) == thread;
    seen += keys;
    if (!mine) return;
    if (span_of(args, s).n > kFewTokens) return tile(args, s, head, token, n, scratch);
    if (few_seq == s && few_end == head) {
      ++few_end;
      return;
    }
    flush();
    few_seq = s;
    few_head = head;
    few_end = head + 1;
  });
  flush();
}

/// Adds up what the threads found on their pages; each thread for some of the heads.
void attention_merge(const AttentionArgs& args, int64_t thread, int64_t n_threads) {
  for (int64_t s = 0; s < args.n_seqs; ++s) {
    const Span span = span_of(args, s);
    const int64_t group = args.n_heads / args.n_kv_heads, per_head = span.n * group;
    const int64_t n_rows = span.n * args.n_heads;
    for (int64_t h = thread; h < args.n_kv_heads; h += n_threads) {
      const Rows first = shared_rows(args, s, n_rows, 0, n_threads);
      for (int64_t r = h * per_head; r < (h + 1) * per_head; ++r) {
        float top = kLowest;
        for (int64_t t = 0; t < n_threads; ++t) {
          const float other = shared_rows(args, s, n_rows, t, n_threads).most[r];
          top = other > top ? other : top;
        }
        for (int64_t t = 0; t < n_threads; ++t) {
          const Rows rows = shared_rows(args, s, n_rows, t, n_threads);
          float factor[1];
          store_part(factor, 1, exp(splat(rows.most[r] - top)));
          float* target = first.values + r * args.v_dim;
          const float* source = rows.values + r * args.v_dim;
          if (t == 0) {
            first.sum[r] *= factor[0];
            map(target, args.v_dim, [&](Vec x) { return x * factor[0]; });
          } else {
            first.sum[r] += factor[0] * rows.sum[r];
            add_scaled(target, source, args.v_dim, factor[0]);
          }
        }
      }
      const int64_t row = h * per_head;
      store_outputs(args, span.first_token, span.n, h,
                    {first.most + row, first.sum + row, first.values + row * args.v_dim});
    }
  }
}

}  // namespace
}  // namespace sirocco::cpu
