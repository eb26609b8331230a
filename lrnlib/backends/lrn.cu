// LRN and its gradient, fused: each element is read from memory once and written once.
//
//     s_i  = bias + alpha * (sum of x_j^2 over the window of i)
//     y_i  = x_i / s_i^beta
//     dx_i = dy_i / s_i^beta - 2 beta x_i * (sum of alpha x_j / s_j * dy_j / s_j^beta)
//
// An array is seen as (outer, channels, inner), in C order; channels are normalized.
//
//     forward_last,  gradient_last     inner = 1: a thread has V channels of one pixel
//     forward_first, gradient_first    inner > 1: a thread walks along the channels of V columns
//     forward_wide,  gradient_wide     wide windows: tiles in shared memory, sums by doubling
//     forward_any, terms_any, gradient_any      whatever does not fit there: a loop over the window
//
// T  the type of the values: double, float, Half or Bfloat16      F  what is computed in
// V  how many are loaded at once, up to 16 bytes of them          R  depth_radius
// P  four times beta, for beta = 1/2, 3/4, 1; or 0 for any other beta
//
// No header is included. Where a base leaves the range that F computes right, or a step of the
// gradient would lose digits, the slow path below computes that element again.

struct Half { unsigned short bits; };
struct Bfloat16 { unsigned short bits; };

template <class T> struct Computed { typedef float Type; };
template <> struct Computed<double> { typedef double Type; };

template <class F> struct Numbers {
  double exact_bias, exact_alpha, exact_beta;  // for the slow path
  F bias, alpha, twice_beta;
  F low, high;              // the least and the largest base in range
  F small, large;           // the same of dy / s^beta, 0 aside
  F tiny;                   // the least normal number, or 0 if alpha is 0
  F power_high, power_low;  // -beta in two parts, the first of 12 bits if F is float
};

// ---- Numbers of T in memory and of F in registers ------------------------------------------

#ifdef __CUDACC__  // instructions that C++ has no words for
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
// To 1 ulp, and to 2^-22.9 of its size (PTX ISA); both flush what is not normal.
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
__device__ inline void store(float f, Bfloat16& a) {  // to nearest, ties to even; NaN stays NaN
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

// The V values of a pixel from channel c on, and HALO more on either side; 0 where there are none.
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
const int ROWS = 2;  // the pixels of a thread: more loads under way, fewer indices computed

template <bool B> struct Flag { static const bool VALUE = B; };

// The V columns of a thread that walks along the channels: where they start in memory.
template <int V> struct Columns {
  bool exist;
  int channels;
  long long start, inner;

  __device__ Columns(long long outer, int channels, long long inner)
      : channels(channels), inner(inner) {
    long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x, vectors = inner / V;
    exist = index < outer * vectors;
    start = index / vectors * channels * inner + index % vectors * V;
  }
};
// Loads channel after channel; 0 where there is none, if that is CHECKED.
template <class T, int V> struct Walk {
  const T* at;
  int c, channels;
  long long inner;

  __device__ Walk(const T* x, const Columns<V>& columns, int c)
      : at(x + columns.start + c * columns.inner), c(c), channels(columns.channels),
        inner(columns.inner) {}
  template <bool CHECKED, class F> __device__ void next(F* v) {
    if (!CHECKED || (unsigned)c < channels) load_vector<V>(at, v);
    else set_zero<V>(v);
    at += inner;
    c++;
  }
};

// ---- The slow path: m * 2^e in float64, so that nothing can overflow -----------------------

struct Wide { double m; long long e; };  // 1/2 <= |m| < 1; or m is 0, inf or NaN

__device__ inline Wide wide(double m, long long e = 0) {
  int more = 0;
  m = isfinite(m) ? frexp(m, &more) : m;
  return {m, m == 0 ? -100000 : e + more};  // 0 has an exponent below all others
}
__device__ inline double narrow(Wide a) {
  return ldexp(a.m, (int)max(-10000ll, min(10000ll, a.e)));
}
__device__ inline Wide times(Wide a, Wide b) { return wide(a.m * b.m, a.e + b.e); }
__device__ inline Wide plus(Wide a, Wide b) {
  long long top = max(a.e, b.e);
  return wide(narrow({a.m, a.e - top}) + narrow({b.m, b.e - top}), top);
}
// a^-beta. The product of both exponents is split, so that its fraction keeps all digits.
__device__ inline Wide power(Wide a, double beta) {
  double exponent = max(-10000.0, min(10000.0, -beta));
  double high = (float)exponent;
  double whole = rint(high * a.e);  // exact: 24 bits times 17
  double fraction = (high * a.e - whole) + (exponent - high) * a.e;
  return wide(pow(a.m, exponent) * exp2(fraction), (long long)whole);
}

// One pixel: x[c * step] is its channel c.
template <class T, class F> struct Pixel {
  const T* x;
  const T* dy;
  long long step, channels, radius;
  Numbers<F> p;

  __device__ long long first(long long c) const { return max(0ll, c - radius); }
  __device__ long long last(long long c) const { return min(channels - 1, c + radius); }

  __device__ Wide base(long long c) const {
    Wide sum = wide(0);
    for (long long j = first(c); j <= last(c); j++) {
      Wide v = wide(load(x[j * step]));
      sum = plus(sum, times(v, v));
    }
    return plus(wide(p.exact_bias), times(wide(p.exact_alpha), sum));
  }
  __device__ F forward(long long c) const {
    return (F)narrow(times(wide(load(x[c * step])), power(base(c), p.exact_beta)));
  }
  __device__ Wide scaled(long long j, Wide s) const {
    return times(wide(load(dy[j * step])), power(s, p.exact_beta));
  }
  // Whether the result is NaN, seen without the work of two windows.
  __device__ bool no_number(long long c) const {
    for (long long j = first(first(c)); j <= last(last(c)); j++) {
      auto v = load(x[j * step]);
      if (isnan(v)) return true;
      if (j >= first(c) && j <= last(c) && (isinf(v) || isnan(load(dy[j * step])))) return true;
    }
    return false;
  }
  __device__ F gradient(long long c) const {
    if (no_number(c)) return __uint_as_float(0x7fc00000u);
    Wide sum = wide(0);
    for (long long j = first(c); j <= last(c); j++) {
      Wide s = base(j);
      Wide ratio = times(wide(load(x[j * step])), {1 / s.m, -s.e});
      sum = plus(sum, times(scaled(j, s), ratio));
    }
    Wide factor = times(wide(-2 * p.exact_beta), wide(p.exact_alpha));
    Wide second = times(factor, times(wide(load(x[c * step])), sum));
    return (F)narrow(plus(scaled(c, base(c)), second));
  }
};

// ---- The base and its power ----------------------------------------------------------------

// bias + alpha * sum is s + rest. For values in float32 the rest is what the last additions
// rounded away; half types, which are rounded so much more in the end, and double do without.
template <class F> struct Base { F s, rest; };

template <class T, class F> __device__ inline Base<F> base_of(F sum, F rest, const Numbers<F>& p) {
  F s = fma(p.alpha, sum, p.bias);
  if (sizeof(T) != 4) return {s, 0};
  return {s, fma(p.alpha, rest, fma(p.alpha, sum, p.bias - s))};
}

// The base of the window of 2 R + 1 values `STEP` apart, added from both ends to the middle.
template <class T, int R, int STEP, class F>
__device__ inline Base<F> window_base(const F* v, const Numbers<F>& p) {
  F left = 0, right = 0;
#pragma unroll
  for (int k = 0; k < R; k++) {
    left = fma(v[k * STEP], v[k * STEP], left);
    right = fma(v[(2 * R - k) * STEP], v[(2 * R - k) * STEP], right);
  }
  F middle = v[R * STEP], both = left + right, sum = fma(middle, middle, both);
  if (sizeof(T) != 4) return base_of<T>(sum, (F)0, p);
  F right_part = both - left;  // what an addition rounds away, after Knuth
  F rest = (left - (both - right_part)) + (right - right_part);
  return base_of<T>(sum, rest + fma(middle, middle, both - sum), p);
}

template <class F> __device__ inline bool in_range(F s, const Numbers<F>& p) {
  return s >= p.low && s <= p.high;
}

// Of a base: z / s^beta, and its reciprocal 1 / s. Approximate roots are good to 2^-22.9;
// for float32 a step of Newton's method takes them, and the rest of the base, into account.
template <class T, int P> struct Power {
  static const bool REFINED = sizeof(T) == 4;
  float s, rest, r, error, power;

  __device__ Power(Base<float> b, const Numbers<float>& p) : s(b.s), rest(b.rest), power(1) {
    float correction;
    if (P == 2 || P == 3) {
      r = approximate_rsqrt(s);
      error = REFINED ? fma(-fma(rest, r, s * r), r, 1.0f) : 0;  // 1 - s r^2
      power = P == 2 ? r : approximate_rsqrt(s * (s * r));
      float v = power * power * s, left = fma(-3 * rest, r * r, fma(-v * v, s, 1.0f));
      correction = P == 2 ? 0.5f * error : 0.25f * left;  // 1 - s^3 power^4 is left, or error
    } else {
      r = approximate_reciprocal(s);
      error = REFINED ? fma(-rest, r, fma(-s, r, 1.0f)) : 0;
      if (P == 0) power = general(s, p);
      correction = rest * r * (p.power_high + p.power_low);
    }
    if (REFINED) power = fma(power, correction, power);
  }
  __device__ float over_power(float z) const {
    if (P != 4) return z * power;
    float y = z * r;
    float refined = fma(fma(-y, rest, fma(-y, s, z)), r, y);
    return REFINED && y != 0 ? refined : y;  // -0 remains -0
  }
  __device__ float reciprocal() const {
    float square = P == 2 || P == 3 ? r * r : r;
    return fma(square, error, square);
  }

  // s^-beta by log2 and exp2; the exponent of s times power_high is exact.
  __device__ static float general(float s, const Numbers<float>& p) {
    int e = (int)(__float_as_uint(s) - 0x3f3504f3u) >> 23;  // those are the bits of sqrt(1/2)
    float f = __uint_as_float(__float_as_uint(s) - ((unsigned)e << 23)) - 1;
    const float log2[] = {-0.1074979f,  0.18476035f, -0.19138838f, 0.20485765f, -0.23960812f,
                          0.28855255f, -0.36069655f, 0.48089853f,  -0.72134733f, 1.442695f};
    const float exp2[] = {0.00015461445f, 0.0013400428f, 0.009618057f, 0.05550327f,
                          0.2402265f,     0.6931472f,    1.0f};
    float rest = fma((float)e, p.power_low, (p.power_high + p.power_low) * (f * horner(log2, f)));
    float whole = rintf(fma((float)e, p.power_high, rest));
    float z = fma((float)e, p.power_high, -whole) + rest;
    return __uint_as_float(__float_as_uint(horner(exp2, z)) + ((unsigned)(int)whole << 23));
  }
  // Polynomials that interpolate log2(1 + f) / f and 2^z, the highest power first.
  template <int N> __device__ static float horner(const float (&coefficients)[N], float at) {
    float value = coefficients[0];
#pragma unroll
    for (int k = 1; k < N; k++) value = fma(value, at, coefficients[k]);
    return value;
  }
};

template <int P> struct Power<double, P> {
  double s, power_of_s;

  __device__ Power(Base<double> b, const Numbers<double>& p) : s(b.s), power_of_s(0) {
    if (P == 0) power_of_s = pow(s, p.power_high);
  }
  __device__ double over_power(double z) const {
    if (P == 0) return z * power_of_s;
    return z / (P == 4 ? s : P == 3 ? sqrt(s * sqrt(s)) : sqrt(s));
  }
  __device__ double reciprocal() const { return 1 / s; }
};

// Compute again, the slow way, what a thread has left inf: of the channels from `begin` to `end`
// of this pixel and of the next ones, `columns` in all.
template <bool GRADIENT, class T, class F>
__device__ __noinline__ void mend(Pixel<T, F> pixel, T* result, long long begin, long long end,
                                  int columns) {
  for (; columns > 0; columns--, pixel.x++, pixel.dy++, result++)
    for (long long c = begin; c < end; c++)
      if (isinf(load(result[c * pixel.step])))
        store(GRADIENT ? pixel.gradient(c) : pixel.forward(c), result[c * pixel.step]);
}
template <bool GRADIENT, class T, class F>
__device__ __noinline__ F slowly(Pixel<T, F> pixel, long long c) {
  return GRADIENT ? pixel.gradient(c) : pixel.forward(c);
}
template <class F> __device__ inline F infinite() { return __uint_as_float(0x7f800000u); }

// ---- Forward -------------------------------------------------------------------------------

// y of V neighbours whose windows begin at v, v + 1, ...; inf where a base is out of range.
// In `v` the channels are STEP apart.
template <class T, int V, int R, int P, int STEP, class F>
__device__ inline void forward_vector(const F* v, F* result, const Numbers<F>& p, bool& bad) {
  F bases[V];
  bool right = true;
#pragma unroll
  for (int k = 0; k < V; k++) {
    Base<F> b = window_base<T, R, STEP>(v + k, p);
    bases[k] = b.s;
    right = right && in_range(b.s, p);
    result[k] = Power<T, P>(b, p).over_power(v[R * STEP + k]);
  }
  if (right) return;
  bad = true;
#pragma unroll
  for (int k = 0; k < V; k++)
    if (!in_range(bases[k], p)) result[k] = infinite<F>();
}

// Block (x, y): the vectors of a pixel, and pixels; a thread has ROWS of them. The neighbours of
// a vector come from the cache, where other threads have just put them.
template <class T, int V, int R, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
forward_last(const T* __restrict__ x, T* __restrict__ y, long long pixels, int channels,
             Numbers<F> p) {
  const int HALO = (R + V - 1) / V * V;
  int c = (blockIdx.y * blockDim.x + threadIdx.x) * V;
  if (c >= channels) return;
  long long row = (long long)blockIdx.x * blockDim.y * ROWS + threadIdx.y;
  long long end = row + ROWS * blockDim.y;
  F v[ROWS][2 * HALO + V];
#pragma unroll
  for (int i = 0; i < ROWS; i++)
    load_row<V, HALO>(x, row + i * blockDim.y, pixels, channels, c, v[i]);
  bool bad = false;
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    long long at = (row + i * blockDim.y) * channels;
    if (row + i * blockDim.y >= pixels) break;
    F result[V];
    forward_vector<T, V, R, P, 1>(v[i] + HALO - R, result, p, bad);
    store_vector<V>(result, y + at + c);
  }
  for (; bad && row < pixels && row < end; row += blockDim.y) {
    Pixel<T, F> pixel = {x + row * channels, nullptr, 1, channels, R, p};
    mend<false>(pixel, y + row * channels, c, c + V, 1);
  }
}

// Blocks (x, y): columns, V to a thread, and chunks of channels. A thread loads U channels at
// once, so that as many loads are under way, and keeps the 2 R before them.
template <class T, int V, int R, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(128)
forward_first(const T* __restrict__ x, T* __restrict__ y, long long outer, int channels,
              long long inner, int chunk, Numbers<F> p) {
  const int U = V == 1 ? 8 : 4;
  Columns<V> columns(outer, channels, inner);
  if (!columns.exist) return;
  int begin = blockIdx.y * chunk, end = min(begin + chunk, channels), first = begin;
  F v[(U + 2 * R) * V];
  bool bad = false;
  Walk<T, V> from(x, columns, begin - R);
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
      forward_vector<T, V, R, P, V>(v + k * V, result, p, bad);
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
  if (bad) mend<false>(pixel, y + columns.start, begin, end, V);
}

// ---- Gradient ------------------------------------------------------------------------------

// What a channel gives: u = dy / s^beta, for itself, written over dy; and the term alpha x / s * u,
// for every window that it is in, inf where the slow path must be taken.
template <class T, int P, class F>
__device__ inline F term_of(F v, F& u, Base<F> b, const Numbers<F>& p) {
  Power<T, P> power(b, p);
  u = power.over_power(u);
  F ratio = p.alpha * v * power.reciprocal();
  bool right = in_range(b.s, p) && (fabs(u) >= p.small || u == 0) && fabs(u) <= p.large &&
               (fabs(ratio) >= p.tiny || v == 0);
  return right ? ratio * u : infinite<F>();
}
template <class T, int V, int R, int P, int STEP, class F>
__device__ inline void terms_vector(const F* v, F* u, F* terms, const Numbers<F>& p) {
#pragma unroll
  for (int k = 0; k < V; k++) {
    Base<F> b = window_base<T, R, STEP>(v + k, p);
    terms[k] = term_of<T, P>(v[R * STEP + k], u[k], b, p);
  }
}
// dx of V channels, whose windows of terms begin at terms, terms + 1, ...
template <int V, int R, int STEP, class F>
__device__ inline void gradient_vector(const F* v, const F* u, const F* terms, F* result,
                                       const Numbers<F>& p, bool& bad) {
  F sums[V];
  bool right = true;
#pragma unroll
  for (int k = 0; k < V; k++) {
    sums[k] = terms[k];
#pragma unroll
    for (int d = 1; d <= 2 * R; d++) sums[k] += terms[k + d * STEP];
    right = right && !isinf(sums[k]);
    result[k] = fma(-p.twice_beta * v[k], sums[k], u[k]);
  }
  if (right) return;
  bad = true;
#pragma unroll
  for (int k = 0; k < V; k++)
    if (isinf(sums[k])) result[k] = infinite<F>();
}

extern __shared__ __align__(32) unsigned char shared[];

// Blocks of whole pixels, as in forward_last; the terms pass from thread to thread in shared
// memory, where each pixel has zeros before and after its channels.
template <class T, int V, int R, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
gradient_last(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ dx,
              long long pixels, int channels, Numbers<F> p) {
  const int HALO = (R + V - 1) / V * V;
  int c = threadIdx.x * V, width = channels + 2 * HALO;
  long long row = (long long)blockIdx.x * blockDim.y * ROWS + threadIdx.y;
  long long end = row + ROWS * blockDim.y;
  F* terms = reinterpret_cast<F*>(shared) + threadIdx.y * ROWS * width;
  F v[ROWS][2 * HALO + V], u[ROWS][V], zero[V];
  set_zero<V>(zero);
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    load_row<V, HALO>(x, row + i * blockDim.y, pixels, channels, c, v[i]);
    load_row<V, 0>(dy, row + i * blockDim.y, pixels, channels, c, u[i]);
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    F own[V];
    terms_vector<T, V, R, P, 1>(v[i] + HALO - R, u[i], own, p);
    store_vector<V>(own, terms + i * width + HALO + c);
    for (int k = c; k < HALO; k += blockDim.x * V) {
      store_vector<V>(zero, terms + i * width + k);
      store_vector<V>(zero, terms + i * width + HALO + channels + k);
    }
  }
  __syncthreads();
  bool bad = false;
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    long long at = (row + i * blockDim.y) * channels;
    if (row + i * blockDim.y >= pixels) break;
    F near[2 * HALO + V], result[V];
#pragma unroll
    for (int k = 0; k < 2 * HALO + V; k += V) load_vector<V>(terms + i * width + c + k, near + k);
    gradient_vector<V, R, 1>(v[i] + HALO, u[i], near + HALO - R, result, p, bad);
    store_vector<V>(result, dx + at + c);
  }
  for (; bad && row < pixels && row < end; row += blockDim.y) {
    Pixel<T, F> pixel = {x + row * channels, dy + row * channels, 1, channels, R, p};
    mend<true>(pixel, dx + row * channels, c, c + V, 1);
  }
}

// As forward_first. At the channels from `first` on, x has been loaded 2 R channels ahead and the
// terms are known R channels ahead. A chunk begins 4 R channels early, without results.
template <class T, int V, int R, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(128)
gradient_first(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ dx,
               long long outer, int channels, long long inner, int chunk, Numbers<F> p) {
  const int U = V == 1 ? 4 : 2;
  Columns<V> columns(outer, channels, inner);
  if (!columns.exist) return;
  int begin = blockIdx.y * chunk, end = min(begin + chunk, channels);
  F v[(U + 2 * R) * V], terms[(U + 2 * R) * V], u[(U + R) * V];
  set_zero<(U + 2 * R) * V>(v);
  set_zero<(U + 2 * R) * V>(terms);
  set_zero<(U + R) * V>(u);
  bool bad = false;
  int first = max(begin - 4 * R, -2 * R);
  Walk<T, V> from_x(x, columns, first + 2 * R), from_dy(dy, columns, first + R);
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
      // Without bias these could ask for the slow path, which would find nothing.
      if (CHECKED && (unsigned)(first + R + k) >= channels) set_zero<V>(own);
    }
#pragma unroll
    for (int k = 0; k < U; k++) {
      if (CHECKED && (first + k < begin || first + k >= end)) continue;
      F result[V];
      gradient_vector<V, R, V>(v + k * V, u + k * V, terms + k * V, result, p, bad);
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
  if (bad) mend<true>(pixel, dx + columns.start, begin, end, V);
}

// ---- Wide windows --------------------------------------------------------------------------

// What a block has in shared memory: for some columns, the channels from `begin` to `end` and
// `halo` more on either side. Along inner = 1 a column's channels lie side by side, else those of
// a channel do; a flat index counts them as they lie.
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
  __device__ bool exists(int t) const {
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

// For every t, the sum of the `terms` numbers of z that begin at t and lie `step` apart; by
// doubling: from windows of n come those of 2 n, and of 2 n + 1 with one number more. In
// `result` or `spare`, whichever is returned. Windows that end beyond z are left as they are.
template <class F>
__device__ F* window_sums(F* z, F* result, F* spare, int size, int step, int terms) {
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
    done = result, result = spare, spare = done;
  }
  return done;
}

// As above, of windows that hold all channels of a tile without halo: each column has one sum,
// left where its first channel is.
template <class T, class F> __device__ F* column_sums(F* z, const Tile<T>& tile) {
  for (int have = tile.width; have > 1; have -= have / 2) {
    int half = have - have / 2;
    for (int t = threadIdx.x; t < tile.size(); t += blockDim.x)
      if (tile.channel(t) < have / 2) z[t] += z[t + half * tile.step];
    __syncthreads();
  }
  return z;
}

// The sum of the window of place t.
template <class T, class F>
__device__ inline F sum_at(const F* sums, int t, const Tile<T>& tile, int radius) {
  if (radius < tile.channels - 1) return sums[t - radius * tile.step];
  return sums[tile.step == 1 ? t - t % tile.width : t % tile.step];
}

// Blocks (x, y): tiles of columns, and chunks of channels.
template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
forward_wide(const T* __restrict__ x, T* __restrict__ y, long long outer, long long channels,
             long long inner, int radius, int columns, int chunk, Numbers<F> p) {
  bool all = radius >= channels - 1;
  Tile<T> tile(outer, channels, inner, columns, chunk, all ? 0 : radius);
  int size = tile.size();
  F* z = reinterpret_cast<F*>(shared);
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    F v = tile.exists(t) ? load(x[tile.at(t)]) : 0;
    z[t] = v * v;
  }
  __syncthreads();
  const F* sums = all ? column_sums(z, tile)
                      : window_sums(z, z + size, z + 2 * size, size, tile.step, 2 * radius + 1);
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    if (!tile.has_result(t)) continue;
    Base<F> b = base_of<T>(sum_at(sums, t, tile, radius), (F)0, p);
    Pixel<T, F> pixel = {x + tile.pixel(t), nullptr, inner, channels, radius, p};
    F result = in_range(b.s, p) ? Power<T, P>(b, p).over_power(load(x[tile.at(t)]))
                                : slowly<false>(pixel, tile.channel(t));
    store(result, y[tile.at(t)]);
  }
}

// The same with twice the halo: the terms are needed a radius further than the results.
template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
gradient_wide(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ dx,
              long long outer, long long channels, long long inner, int radius, int columns,
              int chunk, Numbers<F> p) {
  bool all = radius >= channels - 1;
  Tile<T> tile(outer, channels, inner, columns, chunk, all ? 0 : 2 * radius);
  int size = tile.size(), step = tile.step, terms = 2 * radius + 1;
  F *z = reinterpret_cast<F*>(shared), *u = z + size, *a = u + size, *b = a + size;
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    F v = tile.exists(t) ? load(x[tile.at(t)]) : 0;
    z[t] = v * v;
  }
  __syncthreads();
  const F* sums = all ? column_sums(z, tile) : window_sums(z, a, b, size, step, terms);
  F* own = all ? a : z;
  int margin = all ? 0 : radius;
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    long long c = tile.channel(t);
    F term = 0, scaled = 0;
    if (tile.exists(t) && c >= tile.begin - margin && c < tile.end + margin) {
      scaled = load(dy[tile.at(t)]);
      Base<F> base = base_of<T>(sum_at(sums, t, tile, radius), (F)0, p);
      term = term_of<T, P>(load(x[tile.at(t)]), scaled, base, p);
    }
    own[t] = term;
    u[t] = scaled;
  }
  __syncthreads();
  sums = all ? column_sums(own, tile) : window_sums(own, a, b, size, step, terms);
  for (int t = threadIdx.x; t < size; t += blockDim.x) {
    if (!tile.has_result(t)) continue;
    F sum = sum_at(sums, t, tile, radius);
    Pixel<T, F> pixel = {x + tile.pixel(t), dy + tile.pixel(t), inner, channels, radius, p};
    F result = isinf(sum) ? slowly<true>(pixel, tile.channel(t))
                          : fma(-p.twice_beta * load(x[tile.at(t)]), sum, u[t]);
    store(result, dx[tile.at(t)]);
  }
}

// ---- Windows of any width: a thread an element, a loop over its window ---------------------

template <class T, class F> struct Element {
  long long channels, inner, c, pixel, first, last;
  bool exists;

  __device__ Element(long long outer, long long channels, long long inner, long long radius)
      : channels(channels), inner(inner) {
    long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    exists = index < outer * channels * inner;
    c = index / inner % channels;
    pixel = index - c * inner;
    first = max(0ll, c - radius), last = min(channels - 1, c + radius);
  }
  __device__ long long at() const { return pixel + c * inner; }
  __device__ Base<F> base(const T* x, const Numbers<F>& p) const {
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
forward_any(const T* __restrict__ x, T* __restrict__ y, long long outer, long long channels,
            long long inner, long long radius, Numbers<F> p) {
  Element<T, F> own(outer, channels, inner, radius);
  if (!own.exists) return;
  Base<F> b = own.base(x, p);
  Pixel<T, F> pixel = {x + own.pixel, nullptr, inner, channels, radius, p};
  F v = load(x[own.at()]);
  store(in_range(b.s, p) ? Power<T, P>(b, p).over_power(v) : slowly<false>(pixel, own.c),
        y[own.at()]);
}

// The gradient in two launches: all terms, then their sums.
template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
terms_any(const T* __restrict__ x, const T* __restrict__ dy, F* __restrict__ terms,
          long long outer, long long channels, long long inner, long long radius, Numbers<F> p) {
  Element<T, F> own(outer, channels, inner, radius);
  if (!own.exists) return;
  F u = load(dy[own.at()]);
  terms[own.at()] = term_of<T, P>(load(x[own.at()]), u, own.base(x, p), p);
}

template <class T, int P, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
gradient_any(const T* __restrict__ x, const T* __restrict__ dy, const F* __restrict__ terms,
             T* __restrict__ dx, long long outer, long long channels, long long inner,
             long long radius, Numbers<F> p) {
  Element<T, F> own(outer, channels, inner, radius);
  if (!own.exists) return;
  F v = load(x[own.at()]), u = load(dy[own.at()]), sum = 0;
  term_of<T, P>(v, u, own.base(x, p), p);
  for (long long j = own.first; j <= own.last; j++) sum += terms[own.pixel + j * inner];
  Pixel<T, F> pixel = {x + own.pixel, dy + own.pixel, inner, channels, radius, p};
  store(isinf(sum) ? slowly<true>(pixel, own.c) : fma(-p.twice_beta * v, sum, u), dx[own.at()]);
}
