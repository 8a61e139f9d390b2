// What every kernel is made of. A program is built for dtypes (f32, f16 or bf16): X of what is read
// (rows that are multiplied), A of activations, W of weights or of a second operand, S of a state
// or of an output. Numbers are f32 while they are computed with. VEC elements are loaded at a time,
// and LANES work-items, a work-group, share a row.

#pragma OPENCL FP_CONTRACT ON

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

inline float bf16_to_float(ushort bits) {
  return as_float((uint)bits << 16);
}
/// Rounded to nearest, ties to even.
inline ushort float_to_bf16(float x) {
  const uint bits = as_uint(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
  return (ushort)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

inline float load_f32(const __global uchar* p, ulong i) {
  return ((const __global float*)p)[i];
}
inline float load_f16(const __global uchar* p, ulong i) {
  return vload_half(i, (const __global half*)p);
}
inline float load_bf16(const __global uchar* p, ulong i) {
  return bf16_to_float(((const __global ushort*)p)[i]);
}
inline void store_f32(__global uchar* p, ulong i, float x) {
  ((__global float*)p)[i] = x;
}
inline void store_f16(__global uchar* p, ulong i, float x) {
  vstore_half_rte(x, i, (__global half*)p);
}
inline void store_bf16(__global uchar* p, ulong i, float x) {
  ((__global ushort*)p)[i] = float_to_bf16(x);
}

#if VEC == 1
typedef float floatv;
#define loadv_f32 load_f32
#define loadv_f16 load_f16
#define loadv_bf16 load_bf16
#define READV(p) (*(p))
#define WRITEV(x, p) (*(p) = (x))
#else
/// VEC numbers.
typedef JOIN(float, VEC) floatv;
inline floatv loadv_f32(const __global uchar* p, ulong i) {
  return JOIN(vload, VEC)(0, (const __global float*)p + i);
}
inline floatv loadv_f16(const __global uchar* p, ulong i) {
  return JOIN(vload_half, VEC)(0, (const __global half*)p + i);
}
inline floatv loadv_bf16(const __global uchar* p, ulong i) {
  return JOIN(as_float, VEC)(
      JOIN(convert_uint, VEC)(JOIN(vload, VEC)(0, (const __global ushort*)p + i)) << 16);
}
/// Of numbers in local or private memory.
#define READV(p) JOIN(vload, VEC)(0, p)
#define WRITEV(x, p) JOIN(vstore, VEC)(x, 0, p)
#endif

inline float sum1(float x) {
  return x;
}
inline float sum2(float2 x) {
  return x.x + x.y;
}
inline float sum4(float4 x) {
  return sum2(x.lo + x.hi);
}
inline float sum8(float8 x) {
  return sum4(x.lo + x.hi);
}
inline float sum16(float16 x) {
  return sum8(x.lo + x.hi);
}
#define sumv JOIN(sum, VEC)

#define LOAD_X JOIN(load_, X)
#define LOAD_A JOIN(load_, A)
#define LOAD_W JOIN(load_, W)
#define LOAD_S JOIN(load_, S)
#define LOADV_X JOIN(loadv_, X)
#define LOADV_W JOIN(loadv_, W)
#define LOADV_S JOIN(loadv_, S)
#define STORE_A JOIN(store_, A)
#define STORE_S JOIN(store_, S)

/// A work-group of one needs no barrier, and compilers for CPUs do better without.
#if LANES == 1
#define SYNC()
#else
#define SYNC() barrier(CLK_LOCAL_MEM_FENCE)
#endif

/// Adds up the lanes' columns of values [count, LANES] into column 0, for all lanes to read.
inline void sum_lanes(__local float* values, uint count) {
  const uint lane = get_local_id(0);
  for (uint half_lanes = LANES / 2; half_lanes > 0; half_lanes /= 2) {
    SYNC();
    if (lane < half_lanes)
      for (uint v = 0; v < count; ++v)
        values[v * LANES + lane] += values[v * LANES + lane + half_lanes];
  }
  SYNC();
}

/// A buffer and bytes into it, as the host passes it.
#define IN(name) const __global uchar *restrict name##_buffer, const ulong name##_offset
#define OUT(name) __global uchar *name##_buffer, const ulong name##_offset
#define AT(name) (name##_buffer + name##_offset)
#define INTS(name) ((const __global int*)AT(name))
