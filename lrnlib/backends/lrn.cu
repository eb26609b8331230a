// LRN and its gradient, fused: each kernel reads an element from memory once and writes it once.
//
//     s_i  = bias + alpha * (sum of x_j^2 over the window of i)
//     y_i  = x_i / s_i^beta
//     dx_i = dy_i / s_i^beta - 2 beta x_i * (sum of alpha x_j / s_j * dy_j / s_j^beta)
//
// Arrays are C-contiguous with the shape (outer, channels, inner). Windows lie along `channels`.
//
//     forward_channels_last,  gradient_channels_last    inner = 1: V channels of a pixel per thread
//     forward_channels_first, gradient_channels_first   inner > 1: V columns per thread, which
//                                                       reads their channels one after another
//     forward_shared,  gradient_shared                  wide windows: tiles in shared memory,
//                                                       window sums by doubling
//     forward_generic, terms_generic, gradient_generic  all other sizes: a loop over the window
//
// T  the type of the values: double, float, Half or Bfloat16      F  the type computed in
// V  the number of values per load, at most 16 bytes              R  depth_radius
// P  4 * beta for beta = 1/2, 3/4, 1; or 0 for any other beta
//
// The file includes no header, so that NVRTC compiles it alone. Where a base is too large or too
// small for F, or a step of the gradient would lose digits, the fallback in extended range below
// computes that element again.

struct Half { unsigned short bits; };
struct Bfloat16 { unsigned short bits; };

template <class T> struct Computed { typedef float Type; };
template <> struct Computed<double> { typedef double Type; };

template <class F> struct KernelConstants {
  double exact_bias, exact_alpha, exact_beta;  // for the fallback in extended range
  F bias, alpha, twice_beta;
  F min_base, max_base;               // the bases s for which F is accurate
  F min_scaled, max_scaled;           // the same for the size of dy / s^beta, except 0
  F min_normal;                       // the smallest normal number, or 0 if alpha is 0
  F minus_beta_high, minus_beta_low;  // their sum is -beta; if F is float, the first has 12 bits
};

// ---- Values of type T in memory, of type F in registers ------------------------------------

#ifdef __CUDACC__  // instructions without an equivalent in C++; cuda.h of the tests emulates them
__device__ inline float to_float(Half a) {
  float f;
  asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(a.bits));
  return f;
}
__device__ inline Half to_half(float f) {
  Half a;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(a.bits) : "f"(f));
  return a;
}
// The errors are at most 1 ulp here and 2^-22.9, relative, below (PTX ISA). Both instructions
// flush subnormal numbers to 0; a base in range is normal.
__device__ inline float approximate_reciprocal(float s) {
  float r;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(s));
  return r;
}
__device__ inline float approximate_rsqrt(float s) {
  float r;
  asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(s));
  return r;
}
#endif

__device__ inline double load(double a) { return a; }
__device__ inline float load(float a) { return a; }
__device__ inline float load(Half a) { return to_float(a); }
__device__ inline float load(Bfloat16 a) { return __uint_as_float((unsigned)a.bits << 16); }

__device__ inline void store(double f, double& a) { a = f; }
__device__ inline void store(float f, float& a) { a = f; }
__device__ inline void store(float f, Half& a) { a = to_half(f); }
__device__ inline void store(float f, Bfloat16& a) {  // round to nearest even; NaN stays NaN
  unsigned bits = __float_as_uint(f);
  a.bits = f == f ? (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16 : bits >> 16 | 0x40u;
}

template <class F, int V> struct alignas(sizeof(F) * V) Vector { F at[V]; };

template <int V, class T, class F> __device__ inline void load_vector(const T* from, F* to) {
  Vector<T, V> values = *reinterpret_cast<const Vector<T, V>*>(from);
#pragma unroll
  for (int k = 0; k < V; k++) to[k] = load(values.at[k]);
}
template <int V, class F> __device__ inline void set_zero(F* to) {
#pragma unroll
  for (int k = 0; k < V; k++) to[k] = 0;
}
template <int V, class T, class F> __device__ inline void store_vector(const F* from, T* to) {
  Vector<T, V> values;
#pragma unroll
  for (int k = 0; k < V; k++) store(from[k], values.at[k]);
  *reinterpret_cast<Vector<T, V>*>(to) = values;
}

// Load V channels of a pixel from channel c on, and HALO more on either side; 0 outside the array.
template <int V, int HALO, class T, class F>
__device__ inline void load_row(const T* x, long long row, long long pixels, int channels, int c,
                                F* v) {
#pragma unroll
  for (int k = 0; k < 2 * HALO + V; k += V) {
    int from = c - HALO + k;
    if (row < pixels && (unsigned)from < channels) load_vector<V>(x + row * channels + from, v + k);
    else set_zero<V>(v + k);
  }
}
const int PIXELS_PER_THREAD = 2;  // more loads under way, and fewer indices to compute

template <bool B> struct Flag { static const bool VALUE = B; };

// Where the V columns of a thread start in memory, for the kernels with the channels first.
template <int V> struct Columns {
  bool in_bounds;
  int channels;
  long long start, inner;

  __device__ Columns(long long outer, int channels, long long inner)
      : channels(channels), inner(inner) {
    long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x, vectors = inner / V;
    in_bounds = index < outer * vectors;
    start = index / vectors * channels * inner + index % vectors * V;
  }
};
// Loads V columns, one channel after another. If CHECKED, channels outside the array are 0.
template <class T, int V> struct ChannelReader {
  const T* at;
  int c, channels;
  long long inner;

  __device__ ChannelReader(const T* x, const Columns<V>& columns, int c)
      : at(x + columns.start + c * columns.inner), c(c), channels(columns.channels),
        inner(columns.inner) {}
  template <bool CHECKED, class F> __device__ void next(F* v) {
    if (!CHECKED || (unsigned)c < channels) load_vector<V>(at, v);
    else set_zero<V>(v);
    at += inner;
    c++;
  }
};

// ---- Extended range: m * 2^e, whose integer exponent cannot overflow ------------------------

struct Extended { double m; long long e; };  // 1/2 <= |m| < 1; or m is 0, inf or NaN

__device__ inline Extended to_extended(double m, long long e = 0) {
  int more = 0;
  m = isfinite(m) ? frexp(m, &more) : m;
  return {m, m == 0 ? -100000 : e + more};  // 0 has an exponent below all others
}
__device__ inline double to_double(Extended a) {
  return ldexp(a.m, (int)max(-10000ll, min(10000ll, a.e)));
}
__device__ inline Extended multiply(Extended a, Extended b) {
  return to_extended(a.m * b.m, a.e + b.e);
}
__device__ inline Extended add(Extended a, Extended b) {
  long long top = max(a.e, b.e);
  return to_extended(to_double({a.m, a.e - top}) + to_double({b.m, b.e - top}), top);
}
// a^-beta. -beta * e is split into integer and fraction, so that the fraction keeps all digits.
__device__ inline Extended power(Extended a, double beta) {
  double exponent = max(-10000.0, min(10000.0, -beta));
  double high = (float)exponent;
  double integer = rint(high * a.e);  // the product is exact: 24 bits times 17
  double fraction = (high * a.e - integer) + (exponent - high) * a.e;
  return to_extended(pow(a.m, exponent) * exp2(fraction), (long long)integer);
}

// One pixel in extended range: x[c * step] is its channel c.
template <class T, class F> struct Pixel {
  const T* x;
  const T* dy;
  long long step, channels, radius;
  KernelConstants<F> p;

  __device__ long long first(long long c) const { return max(0ll, c - radius); }
  __device__ long long last(long long c) const { return min(channels - 1, c + radius); }

  __device__ Extended base(long long c) const {
    Extended sum = to_extended(0);
    for (long long j = first(c); j <= last(c); j++) {
      Extended v = to_extended(load(x[j * step]));
      sum = add(sum, multiply(v, v));
    }
    return add(to_extended(p.exact_bias), multiply(to_extended(p.exact_alpha), sum));
  }
  __device__ F forward(long long c) const {
    return (F)to_double(multiply(to_extended(load(x[c * step])), power(base(c), p.exact_beta)));
  }
  __device__ Extended scaled(long long j, Extended s) const {
    return multiply(to_extended(load(dy[j * step])), power(s, p.exact_beta));
  }
  // Whether the gradient is NaN. A scan of the inputs is cheaper than two nested windows.
  __device__ bool is_nan_result(long long c) const {
    for (long long j = first(first(c)); j <= last(last(c)); j++) {
      auto v = load(x[j * step]);
      if (isnan(v)) return true;
      if (j >= first(c) && j <= last(c) && (isinf(v) || isnan(load(dy[j * step])))) return true;
    }
    return false;
  }
  __device__ F gradient(long long c) const {
    if (is_nan_result(c)) return __uint_as_float(0x7fc00000u);
    Extended sum = to_extended(0);
    for (long long j = first(c); j <= last(c); j++) {
      Extended s = base(j);
      Extended ratio = multiply(to_extended(load(x[j * step])), {1 / s.m, -s.e});
      sum = add(sum, multiply(scaled(j, s), ratio));
    }
    Extended factor = multiply(to_extended(-2 * p.exact_beta), to_extended(p.exact_alpha));
    Extended second = multiply(factor, multiply(to_extended(load(x[c * step])), sum));
    return (F)to_double(add(scaled(c, base(c)), second));
  }
};

// ---- The base and its power ----------------------------------------------------------------

// The base bias + alpha * sum as s + rest. For float32 values the rest is the rounding error of the
// last additions. It is 0 for double, and for half types, whose results are rounded far more.
template <class F> struct Base { F s, rest; };

template <class T, class F>
__device__ inline Base<F> base_of(F sum, F rest, const KernelConstants<F>& p) {
  F s = fma(p.alpha, sum, p.bias);
  if (sizeof(T) != 4) return {s, 0};
  return {s, fma(p.alpha, rest, fma(p.alpha, sum, p.bias - s))};
}

// The base of a window of 2 R + 1 values `STEP` apart, summed from both ends to the middle.
template <class T, int R, int STEP, class F>
__device__ inline Base<F> window_base(const F* v, const KernelConstants<F>& p) {
  F left = 0, right = 0;
#pragma unroll
  for (int k = 0; k < R; k++) {
    left = fma(v[k * STEP], v[k * STEP], left);
    right = fma(v[(2 * R - k) * STEP], v[(2 * R - k) * STEP], right);
  }
  F middle = v[R * STEP], both = left + right, sum = fma(middle, middle, both);
  if (sizeof(T) != 4) return base_of<T>(sum, (F)0, p);
  F right_part = both - left;  // Knuth's two-sum: the rounding error of `both`
  F rest = (left - (both - right_part)) + (right - right_part);
  return base_of<T>(sum, rest + fma(middle, middle, both - sum), p);
}

template <class F> __device__ inline bool in_range(F s, const KernelConstants<F>& p) {
  return s >= p.min_base && s <= p.max_base;
}

// Divides by a base: z / s^beta and 1 / s. The approximate roots have errors up to 2^-22.9. For
// float32 values one step of Newton's method corrects them and adds the rest of the base.
template <class T, int P> struct Power {
  static const bool REFINED = sizeof(T) == 4;
  float s, rest, r, error, power;

  __device__ Power(Base<float> b, const KernelConstants<float>& p)
      : s(b.s), rest(b.rest), power(1) {
    float correction;
    if (P == 2 || P == 3) {
      r = approximate_rsqrt(s);
      error = REFINED ? fma(-fma(rest, r, s * r), r, 1.0f) : 0;  // 1 - s r^2
      power = P == 2 ? r : approximate_rsqrt(s * (s * r));
      float v = power * power * s, left = fma(-3 * rest, r * r, fma(-v * v, s, 1.0f));
      correction = P == 2 ? 0.5f * error : 0.25f * left;  // left: 1 - s^3 power^4
    } else {
      r = approximate_reciprocal(s);
      error = REFINED ? fma(-rest, r, fma(-s, r, 1.0f)) : 0;
      if (P == 0) power = general_power(s, p);
      correction = rest * r * (p.minus_beta_high + p.minus_beta_low);
    }
    if (REFINED) power = fma(power, correction, power);
  }
  __device__ float divide(float z) const {
    if (P != 4) return z * power;
    float y = z * r;
    float refined = fma(fma(-y, rest, fma(-y, s, z)), r, y);
    return REFINED && y != 0 ? refined : y;  // else -0 would become 0
  }
  __device__ float reciprocal() const {
    float square = P == 2 || P == 3 ? r * r : r;
    return fma(square, error, square);
  }

  // s^-beta by log2 and exp2. The binary exponent of s times minus_beta_high is exact.
  __device__ static float general_power(float s, const KernelConstants<float>& p) {
    int e = (int)(__float_as_uint(s) - 0x3f3504f3u) >> 23;  // the bits of sqrt(1/2)
    float f = __uint_as_float(__float_as_uint(s) - ((unsigned)e << 23)) - 1;
    const float log2[] = {-0.1074979f,  0.18476035f, -0.19138838f, 0.20485765f, -0.23960812f,
                          0.28855255f, -0.36069655f, 0.48089853f,  -0.72134733f, 1.442695f};
    const float exp2[] = {0.00015461445f, 0.0013400428f, 0.009618057f, 0.05550327f,
                          0.2402265f,     0.6931472f,    1.0f};
    float rest = fma((float)e, p.minus_beta_low,
                     (p.minus_beta_high + p.minus_beta_low) * (f * horner(log2, f)));
    float integer = rintf(fma((float)e, p.minus_beta_high, rest));
    float z = fma((float)e, p.minus_beta_high, -integer) + rest;
    return __uint_as_float(__float_as_uint(horner(exp2, z)) + ((unsigned)(int)integer << 23));
  }
  // A polynomial, coefficient of the highest power first. Those above interpolate
  // log2(1 + f) / f and 2^z; _numba_kernels.py computes them.
  template <int N> __device__ static float horner(const float (&coefficients)[N], float z) {
    float value = coefficients[0];
#pragma unroll
    for (int k = 1; k < N; k++) value = fma(value, z, coefficients[k]);
    return value;
  }
};

template <int P> struct Power<double, P> {
  double s, power_of_s;

  __device__ Power(Base<double> b, const KernelConstants<double>& p) : s(b.s), power_of_s(0) {
    if (P == 0) power_of_s = pow(s, p.minus_beta_high);
  }
  __device__ double divide(double z) const {
    if (P == 0) return z * power_of_s;
    return z / (P == 4 ? s : P == 3 ? sqrt(s * sqrt(s)) : sqrt(s));
  }
  __device__ double reciprocal() const { return 1 / s; }
};

// Recompute results marked inf in extended range: the channels from `begin` to `end` of `columns`
// neighbouring pixels. Not inlined, so that the fast path does not pay for it.
template <bool GRADIENT, class T, class F>
__device__ __noinline__ void recompute_out_of_range(Pixel<T, F> pixel, T* result, long long begin,
                                                    long long end, int columns) {
  for (; columns > 0; columns--, pixel.x++, pixel.dy++, result++)
    for (long long c = begin; c < end; c++)
      if (isinf(load(result[c * pixel.step])))
        store(GRADIENT ? pixel.gradient(c) : pixel.forward(c), result[c * pixel.step]);
}
template <bool GRADIENT, class T, class F>
__device__ __noinline__ F extended_result(Pixel<T, F> pixel, long long c) {
  return GRADIENT ? pixel.gradient(c) : pixel.forward(c);
}
template <class F> __device__ inline F infinity() { return __uint_as_float(0x7f800000u); }

// ---- Forward -------------------------------------------------------------------------------

// y of V neighbours whose windows begin at v, v + 1, ... In `v` the channels are STEP apart.
// If a base is out of range, mark its result with inf and set `out_of_range`.
template <class T, int V, int R, int P, int STEP, class F>
__device__ inline void forward_vector(const F* v, F* result, const KernelConstants<F>& p,
                                      bool& out_of_range) {
  F bases[V];
  bool all_in_range = true;
#pragma unroll
  for (int k = 0; k < V; k++) {
    Base<F> b = window_base<T, R, STEP>(v + k, p);
    bases[k] = b.s;
    all_in_range = all_in_range && in_range(b.s, p);
    result[k] = Power<T, P>(b, p).divide(v[R * STEP + k]);
  }
  if (all_in_range) return;
  out_of_range = true;
#pragma unroll
  for (int k = 0; k < V; k++)
    if (!in_range(bases[k], p)) result[k] = infinity<F>();
}

// Threads (x, y) of a block: vectors of V channels, and pixels. The halo of a vector is read from
// the cache, since other threads of the block load the same values.
template <class T, int V, int R, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
forward_channels_last(const T* __restrict__ x, T* __restrict__ y, long long pixels, int channels,
                      KernelConstants<F> p) {
  const int HALO = (R + V - 1) / V * V;
  int c = (blockIdx.y * blockDim.x + threadIdx.x) * V;
  if (c >= channels) return;
  long long row = (long long)blockIdx.x * blockDim.y * PIXELS_PER_THREAD + threadIdx.y;
  long long end = row + PIXELS_PER_THREAD * blockDim.y;
  F v[PIXELS_PER_THREAD][2 * HALO + V];
#pragma unroll
  for (int i = 0; i < PIXELS_PER_THREAD; i++)
    load_row<V, HALO>(x, row + i * blockDim.y, pixels, channels, c, v[i]);
  bool out_of_range = false;
#pragma unroll
  for (int i = 0; i < PIXELS_PER_THREAD; i++) {
    long long at = (row + i * blockDim.y) * channels;
    if (row + i * blockDim.y >= pixels) break;
    F result[V];
    forward_vector<T, V, R, P, 1>(v[i] + HALO - R, result, p, out_of_range);
    store_vector<V>(result, y + at + c);
  }
  for (; out_of_range && row < pixels && row < end; row += blockDim.y) {
    Pixel<T, F> pixel = {x + row * channels, nullptr, 1, channels, R, p};
    recompute_out_of_range<false>(pixel, y + row * channels, c, c + V, 1);
  }
}

// Blocks (x, y): columns, V per thread, and chunks of channels. A thread issues the loads of U
// channels together, to hide their latency, and keeps the 2 R channels before them.
template <class T, int V, int R, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(128)
forward_channels_first(const T* __restrict__ x, T* __restrict__ y, long long outer, int channels,
                       long long inner, int chunk, KernelConstants<F> p) {
  const int U = V == 1 ? 8 : 4;
  Columns<V> columns(outer, channels, inner);
  if (!columns.in_bounds) return;
  int begin = blockIdx.y * chunk, end = min(begin + chunk, channels), first = begin;
  F v[(U + 2 * R) * V];
  bool out_of_range = false;
  ChannelReader<T, V> from(x, columns, begin - R);
  T* to = y + columns.start + begin * inner;
#pragma unroll
  for (int k = 0; k < 2 * R; k++) from.template next<true>(v + k * V);
  auto next_channels = [&](auto checked) {
    const bool CHECKED = decltype(checked)::VALUE;
#pragma unroll
    for (int k = 0; k < U; k++) from.template next<CHECKED>(v + (2 * R + k) * V);
#pragma unroll
    for (int k = 0; k < U; k++, to += inner) {
      if (CHECKED && first + k >= end) break;
      F result[V];
      forward_vector<T, V, R, P, V>(v + k * V, result, p, out_of_range);
      store_vector<V>(result, to);
    }
#pragma unroll
    for (int k = 0; k < 2 * R * V; k++) v[k] = v[k + U * V];
    first += U;
  };
  while (first < end)
    if (V == 1 && first + U <= end && first + U + R <= channels) next_channels(Flag<false>());
    else next_channels(Flag<true>());
  Pixel<T, F> pixel = {x + columns.start, nullptr, inner, channels, R, p};
  if (out_of_range) recompute_out_of_range<false>(pixel, y + columns.start, begin, end, V);
}

// ---- Gradient ------------------------------------------------------------------------------

// Replace dy by u = dy / s^beta and return the term alpha x / s * u, which enters every window that
// holds this channel. The term is inf where these windows must be computed in extended range.
template <class T, int P, class F>
__device__ inline F term_of(F v, F& u, Base<F> b, const KernelConstants<F>& p) {
  Power<T, P> power(b, p);
  u = power.divide(u);
  F ratio = p.alpha * v * power.reciprocal();
  bool accurate = in_range(b.s, p) && (fabs(u) >= p.min_scaled || u == 0) &&
                  fabs(u) <= p.max_scaled && (fabs(ratio) >= p.min_normal || v == 0);
  return accurate ? ratio * u : infinity<F>();
}
template <class T, int V, int R, int P, int STEP, class F>
__device__ inline void terms_vector(const F* v, F* u, F* terms, const KernelConstants<F>& p) {
#pragma unroll
  for (int k = 0; k < V; k++) {
    Base<F> b = window_base<T, R, STEP>(v + k, p);
    terms[k] = term_of<T, P>(v[R * STEP + k], u[k], b, p);
  }
}
// dx of V channels whose windows begin at terms, terms + 1, ...
template <int V, int R, int STEP, class F>
__device__ inline void gradient_vector(const F* v, const F* u, const F* terms, F* result,
                                       const KernelConstants<F>& p, bool& out_of_range) {
  F sums[V];
  bool all_in_range = true;
#pragma unroll
  for (int k = 0; k < V; k++) {
    sums[k] = terms[k];
#pragma unroll
    for (int d = 1; d <= 2 * R; d++) sums[k] += terms[k + d * STEP];
    all_in_range = all_in_range && !isinf(sums[k]);
    result[k] = fma(-p.twice_beta * v[k], sums[k], u[k]);
  }
  if (all_in_range) return;
  out_of_range = true;
#pragma unroll
  for (int k = 0; k < V; k++)
    if (isinf(sums[k])) result[k] = infinity<F>();
}

extern __shared__ __align__(32) unsigned char shared[];

// As forward_channels_last, but a block has all channels of its pixels. The threads exchange their
// terms in shared memory, where zeros before and after the channels of a pixel clip the windows.
template <class T, int V, int R, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
gradient_channels_last(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ dx,
                       long long pixels, int channels, KernelConstants<F> p) {
  const int HALO = (R + V - 1) / V * V;
  int c = threadIdx.x * V, width = channels + 2 * HALO;
  long long row = (long long)blockIdx.x * blockDim.y * PIXELS_PER_THREAD + threadIdx.y;
  long long end = row + PIXELS_PER_THREAD * blockDim.y;
  F* terms = reinterpret_cast<F*>(shared) + threadIdx.y * PIXELS_PER_THREAD * width;
  F v[PIXELS_PER_THREAD][2 * HALO + V], u[PIXELS_PER_THREAD][V], zero[V];
  set_zero<V>(zero);
#pragma unroll
  for (int i = 0; i < PIXELS_PER_THREAD; i++) {
    load_row<V, HALO>(x, row + i * blockDim.y, pixels, channels, c, v[i]);
    load_row<V, 0>(dy, row + i * blockDim.y, pixels, channels, c, u[i]);
  }
#pragma unroll
  for (int i = 0; i < PIXELS_PER_THREAD; i++) {
    F own[V];
    terms_vector<T, V, R, P, 1>(v[i] + HALO - R, u[i], own, p);
    store_vector<V>(own, terms + i * width + HALO + c);
    for (int k = c; k < HALO; k += blockDim.x * V) {
      store_vector<V>(zero, terms + i * width + k);
      store_vector<V>(zero, terms + i * width + HALO + channels + k);
    }
  }
  __syncthreads();
  bool out_of_range = false;
#pragma unroll
  for (int i = 0; i < PIXELS_PER_THREAD; i++) {
    long long at = (row + i * blockDim.y) * channels;
    if (row + i * blockDim.y >= pixels) break;
    F near[2 * HALO + V], result[V];
#pragma unroll
    for (int k = 0; k < 2 * HALO + V; k += V) load_vector<V>(terms + i * width + c + k, near + k);
    gradient_vector<V, R, 1>(v[i] + HALO, u[i], near + HALO - R, result, p, out_of_range);
    store_vector<V>(result, dx + at + c);
  }
  for (; out_of_range && row < pixels && row < end; row += blockDim.y) {
    Pixel<T, F> pixel = {x + row * channels, dy + row * channels, 1, channels, R, p};
    recompute_out_of_range<true>(pixel, dx + row * channels, c, c + V, 1);
  }
}

// As forward_channels_first. For results from channel `first` on, x is loaded 2 R channels ahead
// and terms are computed R channels ahead. A chunk starts 4 R channels early to fill the registers.
template <class T, int V, int R, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(128)
gradient_channels_first(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ dx,
                        long long outer, int channels, long long inner, int chunk,
                        KernelConstants<F> p) {
  const int U = V == 1 ? 4 : 2;
  Columns<V> columns(outer, channels, inner);
  if (!columns.in_bounds) return;
  int begin = blockIdx.y * chunk, end = min(begin + chunk, channels);
  F v[(U + 2 * R) * V], terms[(U + 2 * R) * V], u[(U + R) * V];
  set_zero<(U + 2 * R) * V>(v);
  set_zero<(U + 2 * R) * V>(terms);
  set_zero<(U + R) * V>(u);
  bool out_of_range = false;
  int first = max(begin - 4 * R, -2 * R);
  ChannelReader<T, V> from_x(x, columns, first + 2 * R), from_dy(dy, columns, first + R);
  T* to = dx + columns.start + begin * inner;
  auto next_channels = [&](auto checked) {
    const bool CHECKED = decltype(checked)::VALUE;
#pragma unroll
    for (int k = 0; k < U; k++) {
      from_x.template next<CHECKED>(v + (2 * R + k) * V);
      from_dy.template next<CHECKED>(u + (R + k) * V);
    }
#pragma unroll
    for (int k = 0; k < U; k++) {
      F* own = terms + (2 * R + k) * V;
      terms_vector<T, V, R, P, V>(v + k * V, u + (R + k) * V, own, p);
      // With bias 0 the base of a channel outside the array is 0, and its term inf.
      if (CHECKED && (unsigned)(first + R + k) >= channels) set_zero<V>(own);
    }
#pragma unroll
    for (int k = 0; k < U; k++) {
      if (CHECKED && (first + k < begin || first + k >= end)) continue;
      F result[V];
      gradient_vector<V, R, V>(v + k * V, u + k * V, terms + k * V, result, p, out_of_range);
      store_vector<V>(result, to);
      to += inner;
    }
#pragma unroll
    for (int k = 0; k < 2 * R * V; k++) v[k] = v[k + U * V], terms[k] = terms[k + U * V];
#pragma unroll
    for (int k = 0; k < R * V; k++) u[k] = u[k + U * V];
    first += U;
  };
  while (first < end)
    if (V == 1 && first >= begin && first + U <= end && first + U + 2 * R <= channels)
      next_channels(Flag<false>());
    else
      next_channels(Flag<true>());
  Pixel<T, F> pixel = {x + columns.start, dy + columns.start, inner, channels, R, p};
  if (out_of_range) recompute_out_of_range<true>(pixel, dx + columns.start, begin, end, V);
}

// ---- Wide windows: tiles in shared memory --------------------------------------------------

// The part of the array that a block has in shared memory: some columns with the channels from
// `begin` to `end` and `halo` more on either side. The order is that of the array: if inner is 1,
// the channels of a column are contiguous, else the columns of a channel are. `t` is a flat index.
template <class T> struct Tile {
  long long channels, inner, start, begin, end, halo;
  int columns, width, step;  // width: the channels of a column, halo included

  __device__ Tile(long long outer, long long channels, long long inner, int columns, int chunk,
                  long long halo)
      : channels(channels), inner(inner), begin((long long)blockIdx.y * chunk),
        end(min(begin + chunk, channels)), halo(halo), columns(columns),
        width((int)(end - begin + 2 * halo)), step(inner == 1 ? 1 : columns) {
    long long each = ((inner == 1 ? outer : inner) + columns - 1) / columns;
    long long image = blockIdx.x / each, first = blockIdx.x % each * columns;
    start = inner == 1 ? first * channels : image * channels * inner + first;
    this->columns = (int)min((long long)columns, (inner == 1 ? outer : inner) - first);
  }
  __device__ int size() const { return (step == 1 ? columns : step) * width; }
  __device__ int column(int t) const { return step == 1 ? t / width : t % step; }
  __device__ long long channel(int t) const {
    return begin - halo + (step == 1 ? t % width : t / step);
  }
  __device__ bool in_bounds(int t) const {
    return column(t) < columns && channel(t) >= 0 && channel(t) < channels;
  }
  __device__ bool has_result(int t) const {
    return column(t) < columns && channel(t) >= begin && channel(t) < end;
  }
  __device__ long long pixel(int t) const {  // where channel 0 of that column lies
    return start + column(t) * (inner == 1 ? channels : 1);
  }
  __device__ long long at(int t) const { return pixel(t) + channel(t) * inner; }
};

// For every t, the sum of `terms` values of z, from t on and `step` apart. By doubling: two sums of
// n values give one of 2 n, and one more value gives 2 n + 1. Returns `result` or `scratch`,
// whichever holds the sums. Windows that end beyond z are not computed.
template <class F>
__device__ F* window_sums(F* z, F* result, F* scratch, int size, int step, int terms) {
  F* done = z;
  int have = 1, bit = 1;
  while (bit <= terms / 2) bit *= 2;
  while (bit > 1) {
    bit /= 2;
    bool odd = terms / bit % 2;
    for (int t = threadIdx.x; t < size - (2 * have + odd - 1) * step; t += blockDim.x)
      result[t] = done[t] + done[t + have * step] + (odd ? z[t + 2 * have * step] : 0);
    have = 2 * have + odd;
    __syncthreads();
    done = result, result = scratch, scratch = done;
  }
  return done;
}

// The same for windows that hold all channels of a tile without halo: one sum per column, at the
// place of its first channel.
template <class T, class F> __device__ F* column_sums(F* z, const Tile<T>& tile) {
  for (int have = tile.width; have > 1; have -= have / 2) {
    int half = have - have / 2;
    for (int t = threadIdx.x; t < tile.size(); t += blockDim.x)
      if (tile.channel(t) < have / 2) z[t] += z[t + half * tile.step];
    __syncthreads();
  }
  return z;
}

// The window sum of element t.
template <class T, class F>
__device__ inline F sum_at(const F* sums, int t, const Tile<T>& tile, int radius) {
  if (radius < tile.channels - 1) return sums[t - radius * tile.step];
  return sums[tile.step == 1 ? t - t % tile.width : t % tile.step];
}

// Blocks (x, y): tiles of columns, and chunks of channels.
template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
forward_shared(const T* __restrict__ x, T* __restrict__ y, long long outer, long long channels,
               long long inner, int radius, int columns, int chunk, KernelConstants<F> p) {
  bool covers_all_channels = radius >= channels - 1;
  Tile<T> tile(outer, channels, inner, columns, chunk, covers_all_channels ? 0 : radius);
  int size = tile.size();
  F* z = reinterpret_cast<F*>(shared);
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    F v = tile.in_bounds(t) ? load(x[tile.at(t)]) : 0;
    z[t] = v * v;
  }
  __syncthreads();
  const F* sums = covers_all_channels ? column_sums(z, tile)
                      : window_sums(z, z + size, z + 2 * size, size, tile.step, 2 * radius + 1);
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    if (!tile.has_result(t)) continue;
    Base<F> b = base_of<T>(sum_at(sums, t, tile, radius), (F)0, p);
    Pixel<T, F> pixel = {x + tile.pixel(t), nullptr, inner, channels, radius, p};
    F result = in_range(b.s, p) ? Power<T, P>(b, p).divide(load(x[tile.at(t)]))
                                : extended_result<false>(pixel, tile.channel(t));
    store(result, y[tile.at(t)]);
  }
}

// The halo is twice as wide here, since a result needs terms up to one radius away.
template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
gradient_shared(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ dx,
                long long outer, long long channels, long long inner, int radius, int columns,
                int chunk, KernelConstants<F> p) {
  bool covers_all_channels = radius >= channels - 1;
  Tile<T> tile(outer, channels, inner, columns, chunk, covers_all_channels ? 0 : 2 * radius);
  int size = tile.size(), step = tile.step, terms = 2 * radius + 1;
  F *z = reinterpret_cast<F*>(shared), *u = z + size, *a = u + size, *b = a + size;
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    F v = tile.in_bounds(t) ? load(x[tile.at(t)]) : 0;
    z[t] = v * v;
  }
  __syncthreads();
  const F* sums =
      covers_all_channels ? column_sums(z, tile) : window_sums(z, a, b, size, step, terms);
  F* own = covers_all_channels ? a : z;
  int margin = covers_all_channels ? 0 : radius;
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    long long c = tile.channel(t);
    F term = 0, scaled = 0;
    if (tile.in_bounds(t) && c >= tile.begin - margin && c < tile.end + margin) {
      scaled = load(dy[tile.at(t)]);
      Base<F> base = base_of<T>(sum_at(sums, t, tile, radius), (F)0, p);
      term = term_of<T, P>(load(x[tile.at(t)]), scaled, base, p);
    }
    own[t] = term;
    u[t] = scaled;
  }
  __syncthreads();
  sums = covers_all_channels ? column_sums(own, tile) : window_sums(own, a, b, size, step, terms);
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    if (!tile.has_result(t)) continue;
    F sum = sum_at(sums, t, tile, radius);
    Pixel<T, F> pixel = {x + tile.pixel(t), dy + tile.pixel(t), inner, channels, radius, p};
    F result = isinf(sum) ? extended_result<true>(pixel, tile.channel(t))
                          : fma(-p.twice_beta * load(x[tile.at(t)]), sum, u[t]);
    store(result, dx[tile.at(t)]);
  }
}

// ---- Windows of any width: one element per thread, a loop over its window ------------------

template <class T, class F> struct Element {
  long long channels, inner, c, pixel, first, last;
  bool in_bounds;

  __device__ Element(long long outer, long long channels, long long inner, long long radius)
      : channels(channels), inner(inner) {
    long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    in_bounds = index < outer * channels * inner;
    c = index / inner % channels;
    pixel = index - c * inner;
    first = max(0ll, c - radius), last = min(channels - 1, c + radius);
  }
  __device__ long long at() const { return pixel + c * inner; }
  __device__ Base<F> base(const T* x, const KernelConstants<F>& p) const {
    F sum = 0;
    for (long long j = first; j <= last; j++) {
      F v = load(x[pixel + j * inner]);
      sum = fma(v, v, sum);
    }
    return base_of<T>(sum, (F)0, p);
  }
};

template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
forward_generic(const T* __restrict__ x, T* __restrict__ y, long long outer, long long channels,
                long long inner, long long radius, KernelConstants<F> p) {
  Element<T, F> own(outer, channels, inner, radius);
  if (!own.in_bounds) return;
  Base<F> b = own.base(x, p);
  Pixel<T, F> pixel = {x + own.pixel, nullptr, inner, channels, radius, p};
  F v = load(x[own.at()]);
  store(in_range(b.s, p) ? Power<T, P>(b, p).divide(v) : extended_result<false>(pixel, own.c),
        y[own.at()]);
}

// The gradient takes two launches: all terms, then their window sums.
template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
terms_generic(const T* __restrict__ x, const T* __restrict__ dy, F* __restrict__ terms,
              long long outer, long long channels, long long inner, long long radius,
              KernelConstants<F> p) {
  Element<T, F> own(outer, channels, inner, radius);
  if (!own.in_bounds) return;
  F u = load(dy[own.at()]);
  terms[own.at()] = term_of<T, P>(load(x[own.at()]), u, own.base(x, p), p);
}

template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
gradient_generic(const T* __restrict__ x, const T* __restrict__ dy, const F* __restrict__ terms,
                 T* __restrict__ dx, long long outer, long long channels, long long inner,
                 long long radius, KernelConstants<F> p) {
  Element<T, F> own(outer, channels, inner, radius);
  if (!own.in_bounds) return;
  F v = load(x[own.at()]), u = load(dy[own.at()]), sum = 0;
  term_of<T, P>(v, u, own.base(x, p), p);
  for (long long j = own.first; j <= own.last; j++) sum += terms[own.pixel + j * inner];
  Pixel<T, F> pixel = {x + own.pixel, dy + own.pixel, inner, channels, radius, p};
  store(isinf(sum) ? extended_result<true>(pixel, own.c) : fma(-p.twice_beta * v, sum, u),
        dx[own.at()]);
}
