// What products and what becomes of them have in common, whichever kernel computes them.
//
// Sums come in pairs: neighbours of a row, the two elements that a rotation turns, or a gate and
// its up. A pair ends in one work-item, so that everything behind the product is done there.

/// As in lower_linear.cpp: how pairs are made, and what is done with them.
enum { PLAIN, GATED, INTERLEAVED, HALVES, KIND = 3, BIAS = 4, RESIDUAL = 8, STATE = 16 };

/// One of up to three products of the same rows: weight [n, k], bias [n], y [rows, n] or a plane of
/// a state; n 0: there is none. Gated: the weight of the next part is `up`.
#define PART(i) IN(weight##i), IN(bias##i), OUT(y##i), const uint n##i, const int mode##i

/// x [rows, k]; where rows go in a state (below 0: nowhere); cosine and sine of every pair of every
/// position; how many groups of pairs are worked on before the next rows are.
#define PROJECTION                                                                      \
  IN(x), PART(0), PART(1), PART(2), IN(residual), IN(slots), IN(positions), IN(angles), \
      const uint k, const uint rows, const uint head_dim, const uint rotary_dim, const uint strip

typedef struct {
  const __global uchar *weight, *up, *bias;
  __global uchar* y;
  uint n;
  int mode;
  uint group;  ///< of pairs, within the part
} Part;

typedef struct {
  uint a, b;  ///< elements of a row of y; not below n: there is none
  uint angle;
  int rotates;
} Pair;

inline uint groups_of(uint n, int mode, uint pairs) {
  return ((mode & KIND) == GATED ? n + pairs - 1 : (n + 1) / 2 + pairs - 1) / pairs;
}

/// The part that a group of the launch belongs to.
inline Part part_of(Part first, Part second, Part third, uint group, uint pairs) {
  first.up = (first.mode & KIND) == GATED ? second.weight : first.weight;
  second.up = second.weight;
  third.up = third.weight;
  const uint one = groups_of(first.n, first.mode, pairs);
  const uint two = one + groups_of(second.n, second.mode, pairs);
  Part part = group < one ? first : group < two ? second : third;
  part.group = group < one ? group : group < two ? group - one : group - two;
  return part;
}

#define THE_PART(i)                                                       \
  (Part) {                                                                \
    AT(weight##i), AT(weight##i), AT(bias##i), AT(y##i), n##i, mode##i, 0 \
  }

inline Pair pair_of(const Part* part, uint p, uint head_dim, uint rotary_dim) {
  Pair pair = {2 * p, 2 * p + 1, 0, 0};
  const int kind = part->mode & KIND;
  if (kind == GATED) {
    pair.a = pair.b = p;
  } else if (kind != PLAIN) {
    const uint head = p / (head_dim / 2);
    pair.angle = p % (head_dim / 2);
    pair.rotates = pair.angle < rotary_dim / 2;
    if (kind == HALVES && pair.rotates) {
      pair.a = head * head_dim + pair.angle;
      pair.b = pair.a + rotary_dim / 2;
    }
  }
  return pair;
}

/// Everything behind the sums of a pair.
inline void finish(const Part* part, Pair pair, uint row, float left, float right,
                   const __global uchar* residual, const __global int* slots,
                   const __global int* positions, const __global float2* angles, uint rotary_dim) {
  if (pair.a >= part->n) return;
  const bool gated = (part->mode & KIND) == GATED;
  const bool lonely = gated || pair.b >= part->n;
  if (part->mode & BIAS) {
    left += LOAD_W(part->bias, pair.a);
    if (!lonely) right += LOAD_W(part->bias, pair.b);
  }
  if (gated) left = left / (1 + exp(-left)) * right;
  if (pair.rotates) {
    const float2 angle = angles[(ulong)positions[row] * (rotary_dim / 2) + pair.angle];
    const float turned = left * angle.x - right * angle.y;
    right = left * angle.y + right * angle.x;
    left = turned;
  }
  if (part->mode & STATE) {
    const int slot = slots[row];
    if (slot < 0) return;
    STORE_S(part->y, (ulong)slot * part->n + pair.a, left);
    if (!lonely) STORE_S(part->y, (ulong)slot * part->n + pair.b, right);
    return;
  }
  const ulong base = (ulong)row * part->n;
  if (part->mode & RESIDUAL) {
    left += LOAD_A(residual, base + pair.a);
    if (!lonely) right += LOAD_A(residual, base + pair.b);
  }
  STORE_A(part->y, base + pair.a, left);
  if (!lonely) STORE_A(part->y, base + pair.b, right);
}
