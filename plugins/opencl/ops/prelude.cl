// What every kernel is made of. A program is built for three dtypes: A of activations, W of weights
// (or of a second operand), S of the output (or of a state). Numbers are f32 while they are
// computed with.

#pragma OPENCL FP_CONTRACT ON

#define F32 0
#define F16 1
#define BF16 2

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
inline float16 load16_f32(const __global uchar* p, ulong i) {
  return vload16(0, (const __global float*)p + i);
}
inline float16 load16_f16(const __global uchar* p, ulong i) {
  return vload_half16(0, (const __global half*)p + i);
}
inline float16 load16_bf16(const __global uchar* p, ulong i) {
  return as_float16(convert_uint16(vload16(0, (const __global ushort*)p + i)) << 16);
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

#if A == F32
#define LOAD_A load_f32
#define LOAD16_A load16_f32
#define STORE_A store_f32
#elif A == F16
#define LOAD_A load_f16
#define LOAD16_A load16_f16
#define STORE_A store_f16
#else
#define LOAD_A load_bf16
#define LOAD16_A load16_bf16
#define STORE_A store_bf16
#endif
#if W == F32
#define LOAD_W load_f32
#define LOAD16_W load16_f32
#elif W == F16
#define LOAD_W load_f16
#define LOAD16_W load16_f16
#else
#define LOAD_W load_bf16
#define LOAD16_W load16_bf16
#endif
#if S == F32
#define LOAD_S load_f32
#define LOAD16_S load16_f32
#define STORE_S store_f32
#elif S == F16
#define LOAD_S load_f16
#define LOAD16_S load16_f16
#define STORE_S store_f16
#else
#define LOAD_S load_bf16
#define LOAD16_S load16_bf16
#define STORE_S store_bf16
#endif

inline float sum16(float16 x) {
  const float8 a = x.lo + x.hi;
  const float4 b = a.lo + a.hi;
  const float2 c = b.lo + b.hi;
  return c.x + c.y;
}

/// A buffer and bytes into it, as the host passes it.
#define IN(name) const __global uchar *restrict name##_buffer, const ulong name##_offset
#define OUT(name) __global uchar *name##_buffer, const ulong name##_offset
#define AT(name) (name##_buffer + name##_offset)
#define INTS(name) ((const __global int*)AT(name))
